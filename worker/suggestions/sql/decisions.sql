-- What earlier runs suggested for schema $2 of contract $1; $3 is the run that asks.
-- Index: suggested_quality_checks (contract_id) of the backend. Optional columns are read as JSON's:
-- an older backend may lack them.
SELECT s.id, s.status, s.property_name, s.name, s.type, s.engine, s.rule, s.implementation,
       to_jsonb(s) ->> 'must_be' AS must_be
FROM suggested_quality_checks s
WHERE s.contract_id = $1 AND s.schema_name = $2 AND s.profile_run_id <> $3
ORDER BY s.id
