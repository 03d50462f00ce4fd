-- Run $1 as the backend's row and the worker's own tables have it. What has elapsed goes by the
-- worker's times if there are any: the backend's dates depend on the time zone of its session, and may
-- be such that no client can read: they are returned as text, and count if they lie in years of four
-- digits. `silent_for`: as in live_runs.sql. At most $2 characters of schema_names are read, and $3 of each other text.
-- Indexes: data_profiling_runs (id) of the backend; leases, requests_seen (run_id).
SELECT r.id, r.contract_id, r.source, left(r.run_id, $3) AS job,
       left(r.schema_names, $2) AS schema_names, r.status, left(r.triggered_by, $3) AS triggered_by,
       to_jsonb(r.started_at) #>> '{}' AS started_at,
       to_jsonb(r.completed_at) #>> '{}' AS completed_at,
       left(r.error_message, $3) AS error_message,
       CASE WHEN coalesce(w.waits_since, w.first_seen, s.begun_at, d.started_at) IS NOT NULL
            THEN greatest(CASE WHEN r.status IN ('pending', 'running') THEN clock_timestamp()
                               ELSE coalesce(s.ended_at, d.completed_at, clock_timestamp()) END
                          - coalesce(w.waits_since, w.first_seen, s.begun_at, d.started_at), '0') END AS elapsed,
       s.attempt, s.worker, s.phase, s.tables_done, s.tables_total, s.percent, s.heartbeat_age,
       s.queue_position, s.time_left, s.last_error, l.worker AS holder, l.cancel_requested,
       CASE WHEN clock_timestamp() > l.renewed_at + (l.expires_at - l.renewed_at) / 2
            THEN clock_timestamp() - l.renewed_at END AS silent_for,
       (SELECT count(*) FROM :"backend".suggested_quality_checks q WHERE q.profile_run_id = r.id)
           AS suggestions
FROM :"backend".data_profiling_runs r LEFT JOIN run_status s ON s.run_id = r.id
LEFT JOIN leases l ON l.run_id = r.id
LEFT JOIN requests_seen w ON w.run_id = r.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.started_at BETWEEN '0001-01-01' AND '9999-12-31' THEN r.started_at END
               AS started_at,
           CASE WHEN r.completed_at BETWEEN '0001-01-01' AND '9999-12-31' THEN r.completed_at END
               AS completed_at
) d
WHERE r.id = $1::text
