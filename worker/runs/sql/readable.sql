-- Which tables the role may read beside the backend's runs. The worker's own count as absent if the
-- role may not use their schema.
-- The backend's schema is the one of the type that each table has for its rows.
SELECT coalesce(has_table_privilege(to_regclass('run_status'), 'SELECT'), false) AS run_status,
       EXISTS (
           SELECT FROM pg_class c
           JOIN pg_type runs ON runs.oid = pg_typeof(NULL:::"backend".data_profiling_runs)
           WHERE c.relnamespace = runs.typnamespace AND c.relname = 'suggested_quality_checks'
             AND has_table_privilege(c.oid, 'SELECT')) AS suggestions
