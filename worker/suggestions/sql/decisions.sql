-- What was suggested for schema $2 of contract $1, and what people decided for all schemas of the
-- contracts $4, which are its versions, in the order of the runs: when each was asked for, beside
-- the run that asks, $3. Runs of another source than the worker's are no part of that order.
-- Indexes: the backend's on contract_id of suggested_quality_checks and of data_profiling_runs. All
-- runs of the contracts are read once: looked up for each suggestion they would take more.
-- Optional columns are read as JSON's: an older backend may lack them.
WITH runs AS MATERIALIZED (
    SELECT id, source, started_at FROM data_profiling_runs WHERE contract_id = ANY ($4)
)
SELECT s.id, s.contract_id, s.schema_name, s.status, s.property_name, s.name, s.type, s.engine,
       s.severity, s.rule, s.implementation, to_jsonb(s) ->> 'must_be' AS must_be,
       CASE WHEN r.id = own.id THEN 'own'
            WHEN r.source <> 'dqx' THEN 'aside'
            WHEN (r.started_at, r.id) < (own.started_at, own.id) THEN 'earlier'
            ELSE 'later' END AS asked_for
FROM suggested_quality_checks s
JOIN runs r ON r.id = s.profile_run_id
JOIN runs own ON own.id = $3
WHERE s.contract_id = ANY ($4)
  AND (s.status IN ('accepted', 'rejected') OR (s.contract_id = $1 AND s.schema_name = $2))
ORDER BY r.started_at, r.id, s.id
