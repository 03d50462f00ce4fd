-- The checks of contract $1, at most $2, each with the names of the schema object that it is stored
-- under and of the one that its property belongs to. Of an implementation of at most $3 characters
-- the hash and the length are returned.
-- Indexes: data_contract_schema_objects (contract_id), (id), data_contract_schema_properties (id)
-- and data_contract_quality_checks (object_id) of the backend; an older one lacks the last and is
-- scanned. Columns are read as JSON's: an older backend may lack some.
SELECT c ->> 'id' AS id, left(c ->> 'name', 200) AS name, left(c ->> 'type', 200) AS type,
       left(c ->> 'engine', 200) AS engine, left(c ->> 'severity', 200) AS severity,
       left(c ->> 'rule', 200) AS rule, left(c ->> 'must_be', 200) AS must_be,
       length(c ->> 'implementation') AS size,
       CASE WHEN length(c ->> 'implementation') <= $3
            THEN sha256(convert_to(c ->> 'implementation', 'UTF8')) END AS hash,
       checks.under, p.id AS property_id, about.name AS about
FROM (
    SELECT to_jsonb(q) AS c, o.name AS under
    FROM :"backend".data_contract_schema_objects o
    JOIN :"backend".data_contract_quality_checks q ON q.object_id = o.id
    WHERE o.contract_id = $1::text
) checks
LEFT JOIN :"backend".data_contract_schema_properties p ON p.id = c ->> 'property_id'
LEFT JOIN :"backend".data_contract_schema_objects about
    ON about.id = p.object_id AND about.contract_id = $1::text
ORDER BY c ->> 'id' LIMIT $2
