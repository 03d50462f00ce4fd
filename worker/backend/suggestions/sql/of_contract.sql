-- Suggestions of contract $1 with one of the statuses $2, in the order in which they are printed;
-- `asked_for` is the order of their runs.
-- Indexes: the backend's on contract_id of suggested_quality_checks and of data_profiling_runs.
WITH runs AS MATERIALIZED (
    SELECT id, rank() OVER (ORDER BY started_at, id) AS asked_for
    FROM :"backend".data_profiling_runs WHERE contract_id = $1::text
)
SELECT s.id, s.schema_name, s.property_name, s.name, s.type, s.engine, s.severity, s.dimension,
       s.rule, s.implementation, to_jsonb(s) ->> 'must_be' AS must_be, s.source = 'dqx' AS own,
       runs.asked_for
FROM :"backend".suggested_quality_checks s
JOIN runs ON runs.id = s.profile_run_id
WHERE s.contract_id = $1::text AND s.status = ANY ($2::text[])
ORDER BY s.schema_name, s.property_name NULLS LAST, s.name, s.id
