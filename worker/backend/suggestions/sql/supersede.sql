-- Suggestions that still wait, with their evidence; what people have decided meanwhile stays.
-- Indexes: suggested_quality_checks (id) of the backend; evidence (suggestion_id).
WITH gone AS (
    DELETE FROM :"backend".suggested_quality_checks
    WHERE id = ANY ($1::text[]) AND status = 'pending'
    RETURNING id
), dropped AS (
    DELETE FROM evidence WHERE suggestion_id = ANY (ARRAY(SELECT id FROM gone))
)
SELECT id FROM gone
