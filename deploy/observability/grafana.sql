-- The rights of a role for grafana-sql.json: it reads parts of the worker's own schema, and nothing of
-- the backend's tables. Run it as an administrator, or the first statement as the owner of the schema and
-- the second one as the worker's role:
--
--     psql "$DB" --set=role=grafana --set=schema=dqx_worker --file=grafana.sql
--
-- after CREATE ROLE grafana LOGIN PASSWORD '…'.
GRANT USAGE ON SCHEMA :"schema" TO :"role";
GRANT SELECT ON
    :"schema".queue_status,
    :"schema".worker_status,
    :"schema".run_status,
    :"schema".attempts,
    :"schema".table_progress
TO :"role";
