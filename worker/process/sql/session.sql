-- What is in effect of what the worker asks for at the start of a connection (times in ms), whether
-- the server takes writes, and the server process that answers; with each table of the worker ($1,
-- looked for if $3) and the backend ($2) that the search_path does not lead to. One row at least.
SELECT current_setting('search_path') AS search_path,
       (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout')
           AS statement_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout') AS lock_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
           AS idle_in_transaction_session_timeout,
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
       pg_backend_pid() AS process,
       astray.*
FROM (VALUES (true)) AS one
LEFT JOIN (
    SELECT t.relation, t.wanted_in, n.nspname::text AS found_in
    FROM (VALUES ('leases', $1::text), ('attempts', $1), ('workers', $1), ('table_progress', $1),
                 ('run_options', $1), ('requests_seen', $1), ('contract_locks', $1),
                 ('migrations', $1), ('installation', $1),
                 ('data_profiling_runs', $2::text), ('data_contract_schema_objects', $2),
                 ('data_contract_schema_properties', $2), ('suggested_quality_checks', $2)
         ) AS t (relation, wanted_in)
    LEFT JOIN pg_class c ON c.oid = to_regclass(t.relation)
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (t.wanted_in = $2 OR $3) AND n.nspname IS DISTINCT FROM t.wanted_in
) AS astray ON true
ORDER BY astray.wanted_in = $2, astray.relation
