-- Suggestions that still wait; what people have decided meanwhile stays.
-- Index: suggested_quality_checks (id) of the backend.
DELETE FROM :"backend".suggested_quality_checks
WHERE id = ANY ($1::text[]) AND status = 'pending'
RETURNING id
