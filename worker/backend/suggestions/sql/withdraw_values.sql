-- Takes back the values that the evidence for suggestions $1 has. A suggestion whose rationale names
-- examples is deleted if it still waits: it is inserted anew, without them, if it is made again.
-- Indexes: suggested_quality_checks (id) of the backend; evidence (suggestion_id).
WITH named AS (
    DELETE FROM :"backend".suggested_quality_checks s
    USING evidence e
    WHERE s.id = ANY ($1::text[]) AND s.status = 'pending'
      AND e.suggestion_id = s.id AND e.facts ? 'examples'
    RETURNING s.id
), dropped AS (
    DELETE FROM evidence WHERE suggestion_id = ANY (ARRAY(SELECT id FROM named))
)
UPDATE evidence SET facts = facts - ARRAY['distribution', 'examples']
WHERE suggestion_id = ANY ($1::text[]) AND suggestion_id <> ALL (ARRAY(SELECT id FROM named))
  AND facts ?| ARRAY['distribution', 'examples']
