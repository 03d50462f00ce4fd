-- Index: suggested_quality_checks (profile_run_id) of the backend.
SELECT id, schema_name, property_name, name, description, level, dimension, severity, type, rule,
       engine, implementation, rationale, status
FROM :"backend".suggested_quality_checks
WHERE profile_run_id = $1::text
ORDER BY schema_name, property_name NULLS LAST, name, id
