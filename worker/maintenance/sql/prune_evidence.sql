-- Drops the evidence for suggestions that are gone, among the next $2 whose ids follow $1; returns which
-- was the last of them. A run that is gone has taken its suggestions with it.
-- Indexes: evidence (suggestion_id); suggested_quality_checks (id) of the backend.
WITH page AS MATERIALIZED (
    SELECT suggestion_id FROM evidence WHERE suggestion_id > $1::text ORDER BY suggestion_id LIMIT $2
), gone AS MATERIALIZED (
    SELECT p.suggestion_id FROM page p
    WHERE (SELECT count(*) FROM :"backend".suggested_quality_checks s WHERE s.id = p.suggestion_id) = 0
), dropped AS (
    DELETE FROM evidence WHERE suggestion_id = ANY (ARRAY(SELECT suggestion_id FROM gone))
)
SELECT (SELECT max(suggestion_id) FROM page) AS last, (SELECT count(*) FROM page) AS looked_at
