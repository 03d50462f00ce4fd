-- The evidence for suggestions of run $1; $2 is a JSON array of ids and facts. What an earlier try at
-- the run has written is replaced.
-- Index: evidence (suggestion_id).
INSERT INTO evidence (suggestion_id, run_id, facts)
SELECT r.suggestion_id, $1::text, r.facts
FROM json_to_recordset($2::json) AS r (suggestion_id text, facts jsonb)
ON CONFLICT (suggestion_id) DO UPDATE
SET run_id = excluded.run_id, facts = excluded.facts, written_at = excluded.written_at
