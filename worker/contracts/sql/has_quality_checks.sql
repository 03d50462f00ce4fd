-- Whether the backend has a table of checks, and the worker may read it: an older one may lack it.
SELECT coalesce(has_table_privilege(to_regclass('data_contract_quality_checks'), 'SELECT'), false)
