-- The backend's tables, in schema $1, on which row-level security applies to this role, and
-- whether a policy of any kind is there: without one no row is seen and none can be written.
SELECT c.relname::text AS relation,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND row_security_active(c.oid)
  AND c.relname IN ('data_profiling_runs', 'suggested_quality_checks',
                    'data_contract_schema_objects', 'data_contract_schema_properties')
ORDER BY 1
