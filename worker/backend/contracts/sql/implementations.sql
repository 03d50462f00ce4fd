-- The implementations of the quality checks $1.
-- Index: data_contract_quality_checks (id) of the backend. Columns are read as JSON's: an older
-- backend may lack some.
SELECT to_jsonb(q) ->> 'implementation' AS implementation
FROM :"backend".data_contract_quality_checks q
WHERE q.id = ANY ($1::text[]) AND to_jsonb(q) ->> 'implementation' IS NOT NULL
