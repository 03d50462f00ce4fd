-- The schema objects of contract $1 by their names.
-- Index: the backend's on contract_id.
SELECT name, physical_name
FROM :"backend".data_contract_schema_objects
WHERE contract_id = $1::text
ORDER BY name, id
