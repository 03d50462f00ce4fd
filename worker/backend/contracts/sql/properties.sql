-- The properties of the schema objects $1, as a list: at most $2 and $3 characters of an object, and
-- $4 and $5 characters of all. The first that exceeds a limit is the last that is returned. A text
-- is cut after $6 characters.
-- Indexes: the backend's on (id) and object_id, looked up for each object. Statistics may be missing
-- or wrong after an import, so the plan depends on none: OFFSET 0 rules out other joins, and of
-- BETWEEN the planner always expects few rows, while it takes "=" for the whole table if that held
-- one object. Optional columns are read as JSON's: an older backend may lack them.
SELECT id, object_id, parent, name, classification, options, required, is_unique, logical_type,
       number, characters, number_of_run, characters_of_run
FROM (
    SELECT *, count(*) OVER run AS number_of_run, sum(size) OVER run AS characters_of_run
    FROM (
        SELECT *, count(*) OVER object AS number, sum(size) OVER object AS characters
        FROM (
            SELECT *, length(id::text) + length(name) + coalesce(length(classification), 0)
                      + coalesce(length(options), 0) AS size
            FROM (
                SELECT p.id, p.object_id, p.parent, left(p.name, $6) AS name,
                       left(p.property ->> 'classification', $6) AS classification,
                       left(p.property ->> 'logical_type_options_json', $6) AS options,
                       coalesce((p.property ->> 'required')::boolean, false) AS required,
                       coalesce((p.property ->> 'unique')::boolean, false) AS is_unique,
                       left(p.property ->> 'logical_type', 20) AS logical_type
                FROM (
                    SELECT o.id FROM :"backend".data_contract_schema_objects o
                    WHERE o.id = ANY ($1::text[]) OFFSET 0
                ) wanted
                CROSS JOIN LATERAL (
                    SELECT p.id, p.object_id, p.parent_property_id AS parent, p.name,
                           to_jsonb(p) AS property
                    FROM :"backend".data_contract_schema_properties p
                    WHERE p.object_id BETWEEN wanted.id AND wanted.id
                    OFFSET 0
                ) p
            ) read
        ) sized
        WINDOW object AS (PARTITION BY object_id ORDER BY id ROWS UNBOUNDED PRECEDING)
    ) of_object
    WHERE number <= $2::int + 1 AND characters - size <= $3
    WINDOW run AS (ORDER BY object_id, id ROWS UNBOUNDED PRECEDING)
) of_run
WHERE number_of_run <= $4::int + 1 AND characters_of_run - size <= $5
ORDER BY object_id, id
