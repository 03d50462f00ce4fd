-- Which columns of the backend's contracts lead to their other versions: an older backend may lack
-- each of them. No row if it has no contracts that the worker may read.
-- Their schema is the one of the type that each table has for its rows.
SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.oid AND NOT a.attisdropped
               AND a.attname IN ('version_family_id', 'parent_contract_id')) AS columns
FROM pg_class c
JOIN pg_type runs ON runs.oid = pg_typeof(NULL:::"backend".data_profiling_runs)
WHERE c.relnamespace = runs.typnamespace AND c.relname = 'data_contracts'
  AND has_table_privilege(c.oid, 'SELECT')
