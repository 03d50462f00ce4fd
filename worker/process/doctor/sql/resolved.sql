-- Where the search_path finds the tables of the worker ($1, looked for if $3) and the backend ($2).
SELECT t.relation, t.wanted_in, n.nspname::text AS found_in
FROM (VALUES ('leases', $1::text), ('attempts', $1), ('workers', $1), ('table_progress', $1),
             ('run_options', $1), ('requests_seen', $1), ('contract_locks', $1),
             ('migrations', $1), ('installation', $1),
             ('data_profiling_runs', $2::text), ('data_contract_schema_objects', $2),
             ('data_contract_schema_properties', $2), ('suggested_quality_checks', $2)
     ) AS t (relation, wanted_in)
LEFT JOIN pg_class c ON c.oid = to_regclass(t.relation)
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.wanted_in = $2 OR $3
ORDER BY t.wanted_in = $2, t.relation
