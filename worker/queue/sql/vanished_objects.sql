-- Which of the contracts $1 has no schema object of its name in $2 any more.
-- Index: data_contract_schema_objects (contract_id) of the backend.
SELECT w.contract_id, w.name
FROM unnest($1::text[], $2::text[]) AS w (contract_id, name)
WHERE NOT EXISTS (
    SELECT FROM :"backend".data_contract_schema_objects o
    WHERE o.contract_id = w.contract_id AND o.name = w.name)
