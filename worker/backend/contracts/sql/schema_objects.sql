-- The schema objects of contract $1 that have one of the names $2: of those with the same name the
-- first, and their number. A text is cut after $3 characters.
-- Index: the backend's on contract_id. Optional columns are read as JSON's: an older backend may
-- lack them.
SELECT DISTINCT ON (o.name)
       o.id, o.name, left(o.physical_name, $3) AS physical_name,
       left(to_jsonb(o) ->> 'tags', $3) AS tags,
       count(*) OVER (PARTITION BY o.name) AS namesakes
FROM :"backend".data_contract_schema_objects o
WHERE o.contract_id = $1::text AND o.name = ANY ($2::text[])
ORDER BY o.name, o.id
