-- The tables that contracts name, at most $1.
SELECT contract_id, name, physical_name
FROM :"backend".data_contract_schema_objects
WHERE physical_name <> ''
ORDER BY contract_id, name
LIMIT $1
