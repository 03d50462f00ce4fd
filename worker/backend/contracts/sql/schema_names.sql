-- The names of the schema objects of contract $1, at most $2 of them, each cut after $3 characters,
-- and how many there are.
-- Index: the backend's on contract_id.
SELECT left(name, $3) AS name, count(*) OVER () AS number
FROM (
    SELECT DISTINCT name FROM :"backend".data_contract_schema_objects
    WHERE contract_id = $1::text
) names
ORDER BY name LIMIT $2
