-- Run $1 as the backend's row and the worker's own tables have it. What has elapsed goes by the
-- worker's times if there are any: the backend's dates depend on the time zone of its session.
-- Indexes: data_profiling_runs (id) of the backend; leases, requests_seen (run_id).
SELECT r.id, r.contract_id, r.source, r.run_id AS job, r.schema_names, r.status, r.triggered_by,
       r.started_at, r.completed_at, r.error_message,
       CASE WHEN coalesce(w.first_seen, s.begun_at) IS NOT NULL
            THEN CASE WHEN r.status IN ('pending', 'running') THEN clock_timestamp()
                      ELSE coalesce(s.ended_at, r.completed_at, clock_timestamp()) END
                 - coalesce(w.first_seen, s.begun_at)
            WHEN isfinite(r.started_at)
            THEN greatest(coalesce(r.completed_at, clock_timestamp()) - r.started_at, '0') END
           AS elapsed,
       s.attempt, s.worker, s.phase, s.tables_done, s.tables_total, s.percent, s.heartbeat_age,
       s.last_error, l.worker AS holder, l.cancel_requested,
       (SELECT count(*) FROM suggested_quality_checks q WHERE q.profile_run_id = r.id)
           AS suggestions
FROM data_profiling_runs r LEFT JOIN run_status s ON s.run_id = r.id
LEFT JOIN leases l ON l.run_id = r.id
LEFT JOIN requests_seen w ON w.run_id = r.id
WHERE r.id = $1
