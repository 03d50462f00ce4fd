-- The newest $1 runs. They are found first: only of these is it asked how they stand.
-- What has elapsed goes by the worker's times if there are any: the backend's dates depend on the
-- time zone of its session. The backend has no index by time, so its table is read whole.
SELECT r.id, r.contract_id, r.status, r.started_at, r.error_message,
       CASE WHEN coalesce(w.first_seen, s.begun_at) IS NOT NULL
            THEN CASE WHEN r.status IN ('pending', 'running') THEN clock_timestamp()
                      ELSE coalesce(s.ended_at, r.completed_at, clock_timestamp()) END
                 - coalesce(w.first_seen, s.begun_at)
            WHEN isfinite(r.started_at)
            THEN greatest(coalesce(r.completed_at, clock_timestamp()) - r.started_at, '0') END
           AS elapsed,
       s.attempt, s.phase, s.tables_done, s.tables_total
FROM (
    SELECT id, contract_id, status, started_at, completed_at, error_message
    FROM data_profiling_runs
    WHERE source = 'dqx'
    ORDER BY started_at DESC, id
    LIMIT $1
) r
LEFT JOIN LATERAL (SELECT * FROM run_status WHERE run_id = r.id OFFSET 0) s ON true
LEFT JOIN requests_seen w ON w.run_id = r.id
ORDER BY r.started_at DESC, r.id
