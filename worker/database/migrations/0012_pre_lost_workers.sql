-- Lost workers, the time left while silent workers hold runs, and the age of requests that were
-- inserted before any worker looked.

-- Since when a request has waited, if that is known to be longer than a worker has known it.
ALTER TABLE requests_seen ADD COLUMN waits_since timestamptz;

-- A silent worker may be frozen or cut off, and come back. After ten minutes it counts as lost, unless it
-- still holds a run, which needs another worker. IN makes a hash of the leases, and reads them once.
CREATE OR REPLACE VIEW worker_status AS
SELECT w.id, w.version, w.engine, w.slots,
       CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped'
            WHEN w.last_seen > statement_timestamp() - w.silent_after THEN 'alive'
            WHEN w.last_seen > statement_timestamp() - w.silent_after - interval '10 minutes'
                 OR w.id IN (SELECT l.worker FROM leases l) THEN 'silent'
            ELSE 'lost' END AS state,
       (SELECT count(*) FROM leases l WHERE l.worker = w.id) AS runs,
       w.started_at, w.last_seen, w.stopped_at
FROM workers w;

-- As before, and whether the holder of a run is silent: how long the run still takes is then unknown.
CREATE OR REPLACE VIEW work_left AS
SELECT l.run_id, l.job, p.share,
       CASE WHEN t.silent THEN NULL
            WHEN p.ended < 3 AND t.elapsed < (SELECT takes FROM usual_run)
            THEN (SELECT takes FROM usual_run) - t.elapsed
            ELSE t.elapsed * ((1 - p.share) / nullif(p.share, 0)) END AS time_left,
       t.silent
FROM leases l
JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
CROSS JOIN LATERAL (
    SELECT statement_timestamp() - a.begun_at AS elapsed,
           -- A beat comes three times in the life of a lease.
           statement_timestamp() > l.renewed_at + (l.expires_at - l.renewed_at) / 2 AS silent
) t
CROSS JOIN LATERAL (
    SELECT avg(done_of(p.state)) AS share, count(p.ended_at) AS ended
    FROM table_progress p WHERE p.run_id = l.run_id AND p.attempt = l.attempt
) p;

-- As before, and how many runs have a silent holder: they are not worked on, and another worker takes
-- them over before what waits.
CREATE OR REPLACE VIEW queue_pace AS
SELECT u.takes, h.time_left, h.longest_left, h.runs,
       CASE WHEN w.slots > 0 AND NOT EXISTS (SELECT FROM claiming WHERE paused)
            THEN least(w.slots, greatest(CASE WHEN h.runs = 0 THEN w.slots ELSE h.runs END,
                                         m.runs))::double precision END AS at_once,
       h.silent
FROM usual_run u
CROSS JOIN (SELECT count(*) FILTER (WHERE NOT job AND NOT silent) AS runs,
                   sum(time_left) FILTER (WHERE NOT job) AS time_left,
                   max(time_left) AS longest_left,
                   count(*) FILTER (WHERE silent) AS silent
            FROM work_left) h
CROSS JOIN (SELECT sum(slots) AS slots FROM worker_status
            WHERE state = 'alive' AND last_seen > statement_timestamp() - interval '1 day') w
CROSS JOIN (SELECT extract(epoch FROM sum(ended_at - begun_at))
                   / nullif(extract(epoch FROM max(ended_at) - min(begun_at)), 0) AS runs
            FROM (SELECT ended_at, greatest(begun_at, statement_timestamp() - interval '1 minute')
                             AS begun_at
                  FROM attempts WHERE ended_at > statement_timestamp() - interval '1 minute') last
           ) m;

CREATE OR REPLACE FUNCTION end_of_place(place bigint, pace queue_pace) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN pace.at_once > 0 THEN greatest(
        pace.takes,
        (pace.takes * (place + pace.silent) + coalesce(pace.time_left, '0')) / pace.at_once
            + pace.takes * ((pace.at_once - 1) / (2 * pace.at_once))) END
$$;

CREATE OR REPLACE VIEW queue_status AS
SELECT o.waiting, o.oldest_waiting, l.in_work, o.without_lease,
       w.workers_alive, w.workers_silent, w.slots,
       EXISTS (SELECT FROM claiming WHERE paused) AS claiming_paused,
       e.ended_per_minute,
       CASE WHEN o.waiting = 0 AND l.in_work = 0 THEN interval '0'
            WHEN o.waiting = 0 AND p.silent = 0 THEN p.longest_left
            ELSE end_of_place(o.waiting, p) END AS time_left,
       c.changed_by AS paused_by, clock_timestamp() - c.changed_at AS paused_for,
       c.reason AS pause_reason
FROM (
    SELECT count(*) FILTER (WHERE r.waits) AS waiting,
           max(clock_timestamp() - coalesce(s.waits_since, s.first_seen, CASE
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
