-- The schemas that hold a table of the backend's, and the other databases of the server.
SELECT ARRAY(SELECT n.nspname::text
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = 'data_profiling_runs' AND c.relkind IN ('r', 'p', 'v')
             ORDER BY 1) AS schemas,
       ARRAY(SELECT datname::text FROM pg_database
             WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
             ORDER BY 1 LIMIT 10) AS databases
