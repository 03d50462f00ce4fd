-- What the worker uses where the backend (schema $1) has it, and does not find: columns of tables
-- that are there, tables, and rights to read these as the statements that give them.
WITH optional (relation, columns) AS (
    VALUES
        ('data_contracts', ARRAY['version', 'parent_contract_id']),
        ('data_contract_schema_objects', ARRAY['logical_type', 'physical_type', 'description',
            'tags']),
        ('data_contract_schema_properties', ARRAY['logical_type', 'physical_type', 'required',
            'unique', 'primary_key', 'primary_key_position', 'classification',
            'critical_data_element', 'logical_type_options_json']),
        ('suggested_quality_checks', ARRAY['confidence_score', 'business_impact',
            'method', 'unit', 'tags', 'query', 'must_be', 'must_not_be', 'must_be_gt',
            'must_be_ge', 'must_be_lt', 'must_be_le', 'must_be_between_min',
            'must_be_between_max', 'created_at']),
        ('data_contract_quality_checks', ARRAY['object_id', 'property_id', 'name', 'rule',
            'type', 'engine', 'implementation'])
), found AS (
    SELECT o.*, c.oid
    FROM optional o
    LEFT JOIN pg_namespace s ON s.nspname = $1
    LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = o.relation
)
SELECT 'table' AS kind, relation AS what
FROM found WHERE oid IS NULL AND relation IN ('data_contracts', 'data_contract_quality_checks')
  -- Where none of the backend's tables is there, that is no older backend.
  AND EXISTS (SELECT FROM found WHERE oid IS NOT NULL)
UNION ALL
SELECT 'column', f.relation || '.' || name
FROM found f CROSS JOIN unnest(f.columns) AS name
WHERE f.oid IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = f.oid AND a.attname = name AND NOT a.attisdropped)
UNION ALL
SELECT 'grant', format('GRANT SELECT ON %I.%I TO %I', $1, relation, current_user)
FROM found
WHERE oid IS NOT NULL AND relation IN ('data_contracts', 'data_contract_quality_checks')
  AND NOT has_table_privilege(oid, 'SELECT')
