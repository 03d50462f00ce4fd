-- Runs as they are now: those in work, those that wait, in the order of the queue, and the newest of those
-- that have ended, at most $1 of each; with the status $3 and of the contract $4, unless these are NULL.
-- Of a text $2 characters are read.
-- `silent_for`: the lease has not been renewed for half of its life, which is more than one beat.
-- Indexes: data_profiling_runs (status), (id) of the backend; leases, requests_seen (run_id). What has
-- ended is looked for in the whole table, as the backend has no index by time.
WITH chosen AS NOT MATERIALIZED (
    SELECT id, status, run_id, started_at FROM :"backend".data_profiling_runs
    WHERE source = 'dqx' AND ($3::text IS NULL OR status = $3)
      AND ($4::text IS NULL OR contract_id = $4)
), picked AS MATERIALIZED (
    (SELECT id, 1 AS part, row_number() OVER (ORDER BY started_at, id) AS place FROM chosen
     WHERE status = 'running' ORDER BY started_at, id LIMIT $1)
    UNION ALL
    (SELECT id, 2, row_number() OVER (ORDER BY started_at, id) FROM chosen
     WHERE status = 'pending' AND run_id IS NULL ORDER BY started_at, id LIMIT $1)
    UNION ALL
    (SELECT id, 3, row_number() OVER (ORDER BY started_at DESC, id DESC) FROM chosen
     WHERE status NOT IN ('pending', 'running') ORDER BY started_at DESC, id DESC LIMIT $1)
)
SELECT r.id, r.contract_id, r.status, left(r.error_message, $2) AS error_message,
       s.attempt, s.phase, s.tables_done, s.tables_total, s.percent, s.queue_position, s.time_left,
       left(s.last_error, $2) AS last_error,
       CASE r.status WHEN 'pending' THEN clock_timestamp() - coalesce(w.waits_since, w.first_seen)
                     WHEN 'running' THEN clock_timestamp() - s.begun_at
                     ELSE s.ended_at - s.begun_at END AS elapsed,
       l.worker AS holder,
       CASE WHEN clock_timestamp() > l.renewed_at + (l.expires_at - l.renewed_at) / 2
            THEN clock_timestamp() - l.renewed_at END AS silent_for
FROM picked p
JOIN :"backend".data_profiling_runs r ON r.id = p.id
LEFT JOIN (SELECT * FROM run_status WHERE run_id = ANY (ARRAY(SELECT id FROM picked)) OFFSET 0) s
       ON s.run_id = p.id
LEFT JOIN leases l ON l.run_id = p.id
LEFT JOIN requests_seen w ON w.run_id = p.id
ORDER BY p.part, p.place
