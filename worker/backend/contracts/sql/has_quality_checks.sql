-- Whether the backend has a table of checks, and the worker may read it: an older one may lack it.
-- Its schema is the one of the type that each table has for its rows.
SELECT EXISTS (
    SELECT FROM pg_class c
    JOIN pg_type runs ON runs.oid = pg_typeof(NULL:::"backend".data_profiling_runs)
    WHERE c.relnamespace = runs.typnamespace AND c.relname = 'data_contract_quality_checks'
      AND has_table_privilege(c.oid, 'SELECT'))
