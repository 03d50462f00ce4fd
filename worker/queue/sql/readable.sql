-- Which tables beside the backend's runs the role may read; one of a schema that it may not use is
-- as good as absent.
SELECT coalesce(has_table_privilege(to_regclass('run_status'), 'SELECT'), false) AS run_status,
       coalesce(has_table_privilege(to_regclass('suggested_quality_checks'), 'SELECT'), false)
           AS suggestions
