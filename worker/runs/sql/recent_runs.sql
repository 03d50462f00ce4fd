-- The newest $1 runs, in the reverse order of the queue; with the status $3 and of the contract $4,
-- unless these are NULL. They are found first: only for them is the rest read.
-- Dates and what has elapsed are as in run.sql; of an error_message $2 characters are read. The
-- backend has no index by time, so its table is read whole.
SELECT r.id, r.contract_id, r.status, to_jsonb(r.started_at) #>> '{}' AS started_at,
       left(r.error_message, $2) AS error_message,
       CASE WHEN coalesce(w.waits_since, w.first_seen, s.begun_at, d.started_at) IS NOT NULL
            THEN greatest(CASE WHEN r.status IN ('pending', 'running') THEN clock_timestamp()
                               ELSE coalesce(s.ended_at, d.completed_at, clock_timestamp()) END
                          - coalesce(w.waits_since, w.first_seen, s.begun_at, d.started_at), '0') END AS elapsed,
       s.attempt, s.phase, s.tables_done, s.tables_total, left(s.last_error, $2) AS last_error
FROM (
    SELECT id, contract_id, status, started_at, completed_at, error_message
    FROM :"backend".data_profiling_runs
    WHERE source = 'dqx' AND ($3::text IS NULL OR status = $3)
          AND ($4::text IS NULL OR contract_id = $4)
    ORDER BY started_at DESC, id DESC
    LIMIT $1
) r
LEFT JOIN LATERAL (SELECT * FROM run_status WHERE run_id = r.id OFFSET 0) s ON true
LEFT JOIN requests_seen w ON w.run_id = r.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.started_at BETWEEN '0001-01-01' AND '9999-12-31' THEN r.started_at END
               AS started_at,
           CASE WHEN r.completed_at BETWEEN '0001-01-01' AND '9999-12-31' THEN r.completed_at END
               AS completed_at
) d
ORDER BY r.started_at DESC, r.id DESC
