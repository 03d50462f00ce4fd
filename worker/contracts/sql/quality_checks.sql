-- The checks of the schema object $1: a scan, for the backend has no index on object_id here.
-- Columns are read as JSON's: an older backend may lack some.
SELECT c ->> 'name' AS name, c ->> 'type' AS type, c ->> 'engine' AS engine, c ->> 'rule' AS rule,
       c ->> 'implementation' AS implementation, c ->> 'must_be' AS must_be,
       c ->> 'property_id' AS property_id
FROM (SELECT to_jsonb(q) AS c FROM data_contract_quality_checks q WHERE q.object_id = $1) checks
ORDER BY c ->> 'id'
