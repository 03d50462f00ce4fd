-- The implementations of the suggestions $1.
-- Index: suggested_quality_checks (id) of the backend.
SELECT s.implementation
FROM unnest($1::text[]) AS wanted (id)
JOIN suggested_quality_checks s ON s.id = wanted.id
WHERE s.implementation IS NOT NULL
