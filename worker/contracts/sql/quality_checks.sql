-- The checks of contract $1, each with the names of the schema object that it is stored under and
-- of the one that its property belongs to.
-- Indexes: data_contract_schema_objects (contract_id), (id), data_contract_schema_properties (id)
-- and data_contract_quality_checks (object_id) of the backend; an older one lacks the last and is
-- scanned. Columns are read as JSON's: an older backend may lack some.
SELECT c ->> 'name' AS name, c ->> 'type' AS type, c ->> 'engine' AS engine,
       c ->> 'severity' AS severity, c ->> 'rule' AS rule,
       c ->> 'implementation' AS implementation, c ->> 'must_be' AS must_be,
       checks.under, p.id AS property_id, about.name AS about
FROM (
    SELECT to_jsonb(q) AS c, o.name AS under
    FROM data_contract_schema_objects o
    JOIN data_contract_quality_checks q ON q.object_id = o.id
    WHERE o.contract_id = $1
) checks
LEFT JOIN data_contract_schema_properties p ON p.id = c ->> 'property_id'
LEFT JOIN data_contract_schema_objects about ON about.id = p.object_id AND about.contract_id = $1
ORDER BY c ->> 'id'
