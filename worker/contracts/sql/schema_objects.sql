-- The schema objects of contract $1: those named $2, or all if it is NULL.
-- Indexes: the backend's on contract_id and on object_id. Optional columns are read as JSON's:
-- an older backend may lack them.
SELECT o.id, o.name, o.physical_name, to_jsonb(o) ->> 'tags' AS tags,
       ARRAY(SELECT p.name FROM data_contract_schema_properties p
             WHERE p.object_id = o.id AND p.parent_property_id IS NULL ORDER BY p.id) AS properties
FROM data_contract_schema_objects o
WHERE o.contract_id = $1 AND ($2::text IS NULL OR o.name = $2)
ORDER BY o.name, o.id
