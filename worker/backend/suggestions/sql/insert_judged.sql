-- All rows of one table of run $1 at once, with their confidence; $4 is a JSON array of them. Each
-- value is read as its column's own type.
-- Index: suggested_quality_checks (id) of the backend.
INSERT INTO :"backend".suggested_quality_checks (
    id, profile_run_id, contract_id, source, schema_name, status, property_name, name, description,
    level, dimension, severity, type, rule, engine, implementation, rationale, confidence_score)
SELECT r.id, $1, $2, 'dqx', $3, 'pending', r.property_name, r.name, r.description, r.level,
       r.dimension, r.severity, r.type, r.rule, r.engine, r.implementation, r.rationale,
       r.confidence_score
FROM json_populate_recordset(NULL:::"backend".suggested_quality_checks, $4::json) AS r
ON CONFLICT (id) DO NOTHING
