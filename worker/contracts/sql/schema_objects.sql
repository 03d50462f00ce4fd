-- Indexes: the backend's on contract_id and on object_id.
SELECT o.id, o.name, o.physical_name,
       ARRAY(SELECT p.name FROM data_contract_schema_properties p
             WHERE p.object_id = o.id AND p.parent_property_id IS NULL ORDER BY p.id) AS properties
FROM data_contract_schema_objects o
WHERE o.contract_id = $1
ORDER BY o.name, o.id
