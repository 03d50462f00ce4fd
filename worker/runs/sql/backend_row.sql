-- Run $1 as the backend's row alone says it, for a role that may read nothing else. Dates, what has
-- elapsed and the bounds $2 and $3 are as in run.sql.
-- Index: data_profiling_runs (id) of the backend.
SELECT r.id, r.contract_id, r.source, left(r.run_id, $3) AS job,
       left(r.schema_names, $2) AS schema_names, r.status, left(r.triggered_by, $3) AS triggered_by,
       to_jsonb(r.started_at) #>> '{}' AS started_at,
       to_jsonb(r.completed_at) #>> '{}' AS completed_at,
       left(r.error_message, $3) AS error_message,
       CASE WHEN r.started_at BETWEEN '0001-01-01' AND '9999-12-31'
            THEN greatest(CASE WHEN r.completed_at BETWEEN '0001-01-01' AND '9999-12-31'
                               THEN r.completed_at ELSE clock_timestamp() END
                          - r.started_at, '0') END
           AS elapsed
FROM :"backend".data_profiling_runs r WHERE r.id = $1::text
