SELECT r.id, r.contract_id, r.status, r.started_at, r.error_message,
       coalesce(r.completed_at, clock_timestamp()) - r.started_at AS elapsed,
       s.attempt, s.phase, s.tables_done, s.tables_total
FROM data_profiling_runs r LEFT JOIN run_status s ON s.run_id = r.id
WHERE r.source = 'dqx'
ORDER BY r.started_at DESC, r.id
LIMIT $1
