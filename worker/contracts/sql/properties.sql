-- All properties of the schema objects $1, nested ones with their paths.
-- Index: the backend's on object_id. Optional columns are read as JSON's: an older backend may lack
-- them. Deeper than 50, a property's parents go in a circle.
WITH RECURSIVE tree AS (
    SELECT p.id, p.object_id, p.name::text AS path, to_jsonb(p) AS property, 1 AS depth
    FROM data_contract_schema_properties p
    WHERE p.object_id = ANY ($1) AND p.parent_property_id IS NULL
    UNION ALL
    SELECT p.id, p.object_id, tree.path || '.' || p.name, to_jsonb(p), tree.depth + 1
    FROM tree
    JOIN data_contract_schema_properties p
        ON p.object_id = tree.object_id AND p.parent_property_id = tree.id
    WHERE tree.depth < 50
)
SELECT id, object_id, path,
       property ->> 'classification' AS classification,
       property ->> 'logical_type_options_json' AS options,
       coalesce((property ->> 'required')::boolean, false) AS required,
       coalesce((property ->> 'unique')::boolean, false) AS is_unique
FROM tree
ORDER BY path, id
