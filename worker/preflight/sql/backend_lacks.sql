-- What the worker's role ($1 is the backend's schema, $2 its own) needs and does not find:
-- tables and columns that are missing, each right that is, as the statement that grants it,
-- columns that an INSERT of the worker would have to fill and does not, and tables on which
-- row-level security applies to the role: without a policy of any kind it sees no row.
-- Only what the worker uses is needed: an older backend may lack any other column.
WITH needed (place, relation, privilege, columns) AS (
    VALUES
        ($1, 'data_profiling_runs', 'SELECT', ARRAY['id', 'contract_id', 'source', 'schema_names',
            'status', 'run_id', 'started_at', 'completed_at', 'error_message', 'triggered_by']),
        ($1, 'data_profiling_runs', 'UPDATE', ARRAY['status', 'summary_stats', 'completed_at',
            'error_message']),
        ($1, 'data_contract_schema_objects', 'SELECT', ARRAY['id', 'contract_id', 'name',
            'physical_name']),
        ($1, 'data_contract_schema_properties', 'SELECT', ARRAY['id', 'object_id', 'name',
            'parent_property_id']),
        ($1, 'suggested_quality_checks', 'SELECT', ARRAY['id', 'contract_id', 'profile_run_id',
            'schema_name', 'property_name', 'status', 'name', 'type', 'engine', 'rule',
            'implementation']),
        ($1, 'suggested_quality_checks', 'INSERT', ARRAY['id', 'profile_run_id', 'contract_id',
            'source', 'schema_name', 'status', 'property_name', 'name', 'description', 'level',
            'dimension', 'severity', 'type', 'rule', 'engine', 'implementation', 'rationale']),
        ($1, 'suggested_quality_checks', 'DELETE', '{}'),
        ($2, 'leases', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
        ($2, 'attempts', 'SELECT, INSERT, UPDATE', '{}'),
        ($2, 'workers', 'SELECT, INSERT, UPDATE', '{}'),
        ($2, 'table_progress', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
        ($2, 'run_options', 'SELECT, DELETE', '{}'),
        ($2, 'requests_seen', 'SELECT, INSERT, DELETE', '{}'),
        ($2, 'contract_locks', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
        ($2, 'evidence', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
        ($2, 'schema_locks', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
        ($2, 'migrations', 'SELECT', '{}'),
        ($2, 'installation', 'SELECT', '{}')
), found AS (
    SELECT n.*, c.oid
    FROM needed n
    LEFT JOIN pg_namespace s ON s.nspname = n.place
    LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = n.relation
)
SELECT DISTINCT 'table' AS kind, relation AS what
FROM found WHERE oid IS NULL AND place = $1
UNION ALL
SELECT DISTINCT 'column', f.relation || '.' || name
FROM found f CROSS JOIN unnest(f.columns) AS name
WHERE f.oid IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_attribute a
                  WHERE a.attrelid = f.oid AND a.attname = name AND NOT a.attisdropped)
UNION ALL
SELECT DISTINCT 'grant', format('GRANT USAGE ON SCHEMA %I TO %I', place, current_user)
FROM found WHERE oid IS NOT NULL AND NOT has_schema_privilege(place, 'USAGE')
UNION ALL
SELECT 'grant', format('GRANT %s%s ON %I.%I TO %I', f.privilege,
                       CASE WHEN f.privilege = 'UPDATE'
                            THEN ' (' || array_to_string(f.columns, ', ') || ')' ELSE '' END,
                       f.place, f.relation, current_user)
FROM found f
WHERE f.oid IS NOT NULL
  AND CASE WHEN f.columns = '{}'
           THEN EXISTS (SELECT FROM unnest(string_to_array(f.privilege, ', ')) AS one
                        WHERE NOT has_table_privilege(f.oid, one))
           ELSE EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = f.oid AND a.attname = ANY (f.columns)
                          AND NOT a.attisdropped
                          AND NOT has_column_privilege(f.oid, a.attnum, f.privilege))
      END
UNION ALL
SELECT 'unfilled', f.relation || '.' || a.attname
FROM found f
JOIN pg_attribute a ON a.attrelid = f.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE f.place = $1 AND f.privilege = 'INSERT' AND a.attname <> ALL (f.columns)
  AND (a.attnotnull OR t.typnotnull)
  AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL
UNION ALL
SELECT DISTINCT CASE WHEN EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = f.oid)
                     THEN 'secured' ELSE 'hidden' END, f.relation
FROM found f
WHERE f.place = $1 AND row_security_active(f.oid)
