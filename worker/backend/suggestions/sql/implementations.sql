-- The implementations of the suggestions $1.
-- Index: suggested_quality_checks (id) of the backend.
SELECT s.implementation
FROM :"backend".suggested_quality_checks s
WHERE s.id = ANY ($1::text[]) AND s.implementation IS NOT NULL
