-- Run $1 as the backend's row alone says it, for a role that may read nothing else.
-- Index: data_profiling_runs (id) of the backend.
SELECT id, contract_id, source, run_id AS job, schema_names, status, triggered_by, started_at,
       completed_at, error_message,
       CASE WHEN isfinite(started_at)
            THEN greatest(coalesce(completed_at, clock_timestamp()) - started_at, '0') END
           AS elapsed
FROM data_profiling_runs WHERE id = $1
