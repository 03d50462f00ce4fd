-- What is in effect of what the worker asks for at the start of a connection (times in ms), whether
-- the server takes writes, the server process that answers, and the worker's own tables that the
-- search_path does not lead to.
SELECT current_setting('search_path') AS search_path,
       (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout')
           AS statement_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout') AS lock_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
           AS idle_in_transaction_session_timeout,
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
       pg_backend_pid() AS process,
       ARRAY(SELECT relation
             FROM unnest(ARRAY['leases', 'attempts', 'workers', 'table_progress', 'run_options',
                               'requests_seen', 'contract_locks', 'schema_locks', 'evidence',
                               'migrations', 'installation']) AS relation
             WHERE to_regclass(relation) IS NULL
             ORDER BY relation) AS gone
