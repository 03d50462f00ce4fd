-- The suggestions of run $1 in the order in which they are printed, each with the evidence for it, if
-- there is any, as JSON by the columns of the view.
-- Indexes: suggested_quality_checks (profile_run_id) of the backend; evidence (suggestion_id).
-- Optional columns are read as JSON's: an older backend may lack them.
SELECT s.id, s.schema_name, s.property_name, s.name, s.description, s.level, s.dimension, s.severity,
       s.type, s.rule, s.engine, s.implementation, s.rationale, s.status,
       to_jsonb(s) ->> 'confidence_score' AS confidence_score, e.facts::text AS evidence
FROM :"backend".suggested_quality_checks s
LEFT JOIN evidence e ON e.suggestion_id = s.id
WHERE s.profile_run_id = $1::text
ORDER BY s.schema_name, s.property_name NULLS LAST, s.name, s.id
