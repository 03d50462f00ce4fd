-- Which tables the role may read beside the backend's runs. A table in a schema that the role may
-- not use counts as absent.
SELECT coalesce(has_table_privilege(to_regclass('run_status'), 'SELECT'), false) AS run_status,
       coalesce(has_table_privilege(to_regclass('suggested_quality_checks'), 'SELECT'), false)
           AS suggestions
