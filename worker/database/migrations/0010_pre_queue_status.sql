-- The queue, the workers and the progress of runs, for people, autoscalers and alarms.

-- The one worker that keeps house for all. Another takes its place if it is not alive.
CREATE TABLE maintenance (
    one_row    boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    worker     text NOT NULL,
    last_round timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row: whether workers claim requests, and who changed that last, when and why. Every claim
-- reads it in its own statement.
CREATE TABLE claiming (
    one_row    boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    paused     boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text,  -- NULL: it was never paused
    reason     text
);
INSERT INTO claiming DEFAULT VALUES;

-- The backend's runs of source 'dqx' that wait for a worker, or are running; none while the backend has
-- no such table. Nothing here depends on that table: its schema is looked up when the function is called.
-- It has the rights of its owner, so that a role needs rights on the views alone, and returns no more of a
-- run than its id and date. If the owner may not read the table, `required` decides whether that fails.
CREATE FUNCTION open_runs(required boolean)
RETURNS TABLE (run_id text, waits boolean, started_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT r.id::text, r.status = ''pending'', r.started_at FROM %I.data_profiling_runs r'
        ' WHERE r.source = ''dqx'''
        ' AND (r.status = ''running'' OR r.status = ''pending'' AND r.run_id IS NULL)',
        (SELECT i.backend_schema FROM installation i));
EXCEPTION
    WHEN undefined_table THEN
        RETURN;
    WHEN insufficient_privilege OR undefined_column THEN
        IF required THEN
            RAISE;
        END IF;
END $$;

-- A temporary table of the caller's would be found first, unless pg_temp comes last.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION open_runs SET search_path = %I, pg_temp', current_schema());
END $$;

-- When a worker was stopped in an orderly way, and for how long one may be silent that was not. Versions
-- that do not write these beat at least every 15 s by default.
ALTER TABLE workers ADD COLUMN stopped_at timestamptz;
ALTER TABLE workers ADD COLUMN silent_after interval NOT NULL DEFAULT '1 minute';

CREATE VIEW worker_status AS
SELECT w.id, w.version, w.engine, w.slots,
       CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped'
            WHEN w.last_seen > statement_timestamp() - w.silent_after THEN 'alive'
            ELSE 'silent' END AS state,
       (SELECT count(*) FROM leases l WHERE l.worker = w.id) AS runs,
       w.started_at, w.last_seen, w.stopped_at
FROM workers w;

-- How long a run takes: the mean of the last twenty. The latest counts most, since the first runs of a worker
-- take longer, and each one before it 0.85 times as much.
CREATE VIEW usual_run AS
SELECT sum((ended_at - begun_at) * weight) / sum(weight) AS takes
FROM (SELECT begun_at, ended_at, 0.85 ^ row_number() OVER (ORDER BY ended_at DESC) AS weight FROM attempts
      WHERE ended_at > statement_timestamp() - interval '1 day' AND outcome IN ('completed', 'failed')
      ORDER BY ended_at DESC LIMIT 20) last;

-- Which share of the work on a table is done when it enters a state. Of a run of 60 tables of 344 to 5,000
-- rows with the engine `local`, 54 % of a table's time went into sampling, 41 % into profiling (which
-- includes judging and evidence), and 5 % into writing (make bench-worker compares the percent with the time).
CREATE FUNCTION done_of(state text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE state WHEN 'pending' THEN 0 WHEN 'sampling' THEN 0 WHEN 'profiling' THEN 0.54
                      WHEN 'writing' THEN 0.95 ELSE 1 END::double precision
$$;

-- The runs in work: which share of its tables an attempt has done, and the time that it still takes, by
-- its own pace after three tables, and before that as long as usual.
CREATE VIEW work_left AS
SELECT l.run_id, l.job, p.share,
       CASE WHEN p.ended < 3 AND t.elapsed < (SELECT takes FROM usual_run)
            THEN (SELECT takes FROM usual_run) - t.elapsed
            ELSE t.elapsed * ((1 - p.share) / nullif(p.share, 0)) END AS time_left
FROM leases l
JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
CROSS JOIN LATERAL (SELECT statement_timestamp() - a.begun_at AS elapsed) t
CROSS JOIN LATERAL (
    SELECT avg(done_of(p.state)) AS share, count(p.ended_at) AS ended
    FROM table_progress p WHERE p.run_id = l.run_id AND p.attempt = l.attempt
) p;

-- How fast the queue moves. `at_once`: how many requests are worked on at the same time, now or on average
-- of the last minute, as far as there was work: a limit for each contract may keep it below the number of slots.
CREATE VIEW queue_pace AS
SELECT u.takes, h.time_left, h.longest_left, h.runs,
       CASE WHEN w.slots > 0 AND NOT EXISTS (SELECT FROM claiming WHERE paused)
            THEN least(w.slots, greatest(CASE WHEN h.runs = 0 THEN w.slots ELSE h.runs END,
                                         m.runs))::double precision END AS at_once
FROM usual_run u
CROSS JOIN (SELECT count(*) FILTER (WHERE NOT job) AS runs,
                   sum(time_left) FILTER (WHERE NOT job) AS time_left,
                   max(time_left) AS longest_left
            FROM work_left) h
CROSS JOIN (SELECT sum(slots) AS slots FROM worker_status
            WHERE state = 'alive' AND last_seen > statement_timestamp() - interval '1 day') w
CROSS JOIN (SELECT extract(epoch FROM sum(ended_at - begun_at))
                   / nullif(extract(epoch FROM max(ended_at) - min(begun_at)), 0) AS runs
            FROM (SELECT ended_at, greatest(begun_at, statement_timestamp() - interval '1 minute')
                             AS begun_at
                  FROM attempts WHERE ended_at > statement_timestamp() - interval '1 minute') last
           ) m;

-- The time until the request at a place in the queue has ended. Its turn comes when as many runs have ended,
-- one after the other. NULL if no worker takes requests, or if nothing has ended in the last day.
CREATE FUNCTION end_of_place(place bigint, pace queue_pace) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN pace.at_once > 0 THEN greatest(
        pace.takes,
        (pace.takes * place + coalesce(pace.time_left, '0')) / pace.at_once
            + pace.takes * ((pace.at_once - 1) / (2 * pace.at_once))) END
$$;

-- One row: the state of the queue. A request is as old as a worker has known it; one that no worker has
-- seen yet is as old as the backend's date says.
CREATE VIEW queue_status AS
SELECT o.waiting, o.oldest_waiting, l.in_work, o.without_lease,
       w.workers_alive, w.workers_silent, w.slots,
       EXISTS (SELECT FROM claiming WHERE paused) AS claiming_paused,
       e.ended_per_minute,
       CASE WHEN o.waiting = 0 AND l.in_work = 0 THEN interval '0'
            WHEN o.waiting = 0 THEN p.longest_left
            ELSE end_of_place(o.waiting, p) END AS time_left,
       c.changed_by AS paused_by, clock_timestamp() - c.changed_at AS paused_for,
       c.reason AS pause_reason
FROM (
    SELECT count(*) FILTER (WHERE r.waits) AS waiting,
           max(clock_timestamp() - coalesce(s.first_seen, CASE
               WHEN r.started_at BETWEEN '0001-01-01' AND clock_timestamp() THEN r.started_at
               ELSE clock_timestamp() END)) FILTER (WHERE r.waits) AS oldest_waiting,
           count(*) FILTER (WHERE NOT r.waits AND l.run_id IS NULL) AS without_lease
    FROM open_runs(required => true) r
    LEFT JOIN requests_seen s ON s.run_id = r.run_id
    LEFT JOIN leases l ON l.run_id = r.run_id
) o
CROSS JOIN (SELECT count(*) AS in_work FROM leases) l
CROSS JOIN (
    SELECT count(*) FILTER (WHERE state = 'alive') AS workers_alive,
           count(*) FILTER (WHERE state = 'silent') AS workers_silent,
           coalesce(sum(slots) FILTER (WHERE state = 'alive'), 0) AS slots
    FROM worker_status
    WHERE slots > 0 AND last_seen > statement_timestamp() - interval '1 day'
) w
CROSS JOIN (
    -- In the last 10 minutes, or since the first of these runs was begun.
    SELECT coalesce(60 * count(*) / nullif(extract(epoch FROM statement_timestamp() - greatest(
               min(begun_at), statement_timestamp() - interval '10 minutes')), 0), 0)::double precision
               AS ended_per_minute
    FROM attempts
    WHERE ended_at > statement_timestamp() - interval '10 minutes'
      AND outcome IN ('completed', 'failed')
) e
CROSS JOIN queue_pace p
LEFT JOIN claiming c ON c.paused;

-- A row for each run that a worker has seen. The phase of a run is `waiting` as long as it waits for a
-- worker, again or for the first time; `pending` before an attempt has begun its first table; and `ending`
-- while its end is written. 100 percent is the end's. Until an attempt has planned its tables, of which an
-- earlier one may have done some, their number is not known: it is 0. A volatile function, such as
-- clock_timestamp(), would keep Postgres from looking for the runs that a query joins to the view.
CREATE OR REPLACE VIEW run_status AS
SELECT a.run_id,
       a.number AS attempt,
       a.worker,
       a.begun_at,
       a.ended_at,
       a.outcome,
       a.reason AS last_error,
       CASE WHEN q.run_id IS NOT NULL THEN 'waiting'
            WHEN a.outcome IS NOT NULL OR p.planned THEN coalesce(a.outcome, p.phase)
            ELSE 'pending' END AS phase,
       coalesce(p.tables_done, 0) AS tables_done,
       CASE WHEN p.planned THEN p.tables_total ELSE 0 END AS tables_total,
       CASE WHEN NOT p.planned THEN 0
            WHEN a.outcome IS NULL THEN least(99, floor(100 * p.share))
            ELSE floor(100 * p.tables_done / p.tables_total) END::bigint AS percent,
       greatest(statement_timestamp() - w.last_seen, '0') AS heartbeat_age,
       (SELECT count(*) FROM worker_status
        WHERE state = 'alive' AND slots > 0
          AND last_seen > statement_timestamp() - interval '1 day') AS workers_alive,
       p.rows,
       q.place AS queue_position,
       CASE WHEN q.run_id IS NULL THEN l.time_left
            ELSE end_of_place(q.place, (SELECT g FROM queue_pace g)) END AS time_left
FROM (
    SELECT run_id, number, worker, begun_at, ended_at, outcome, reason FROM attempts
    UNION ALL
    SELECT run_id, NULL, NULL, NULL, NULL, NULL, NULL FROM requests_seen
) a
LEFT JOIN workers w ON w.id = a.worker
LEFT JOIN (
    SELECT run_id, row_number() OVER (ORDER BY started_at, run_id) AS place
    FROM open_runs(required => false) WHERE waits
) q ON q.run_id = a.run_id
LEFT JOIN work_left l ON l.run_id = a.run_id
CROSS JOIN LATERAL (
    SELECT count(*) AS tables_total,
           count(*) FILTER (WHERE t.state IN ('completed', 'failed', 'skipped')) AS tables_done,
           q.run_id IS NULL AND count(*) > 0
               AND (a.outcome IS NOT NULL OR bool_or(t.attempt = a.number)) AS planned,
           avg(done_of(t.state)) AS share,
           sum(t.rows_sampled)::bigint AS rows,
           CASE WHEN coalesce(bool_and(t.state = 'pending'), true) THEN 'pending'
                WHEN bool_and(t.state IN ('completed', 'failed', 'skipped')) THEN 'ending'
                ELSE coalesce(
                    (array_agg(t.state ORDER BY t.begun_at)
                         FILTER (WHERE t.state IN ('sampling', 'profiling', 'writing')))[1],
                    'profiling') END AS phase
    FROM table_progress t
    WHERE t.run_id = a.run_id
      -- A run that is wanted again begins anew.
      AND NOT (q.run_id IS NOT NULL AND a.outcome IN ('completed', 'failed', 'cancelled'))
) p
WHERE a.number IS NOT DISTINCT FROM
          (SELECT max(number) FROM attempts latest WHERE latest.run_id = a.run_id)
  AND (a.number IS NOT NULL OR q.run_id IS NOT NULL);
