-- What the worker's role may do in the backend's database: what it needs, and no more.
--
--   psql "$DB" --set=role=dqx_worker --set=backend_schema=public --set=own_schema=dqx_worker \
--       --file=deploy/postgres/grants.sql
--
-- The values shown are the defaults; names are passed as they are and quoted here. Run it as the
-- owner of the backend's tables, who has to be allowed to make a schema in the database. All of it
-- is done or nothing, and running it again does no harm. Where another one owns the database or
-- the backend's schema, Postgres warns that it granted nothing there: that one has to, unless
-- PUBLIC may CONNECT to the database and has USAGE on the schema.
--
-- With --set=backend_role=app that role may see the worker's schema. What it needs there for options
-- of a run and for progress grants `dqx-worker migrate --grant-to app`: docs/backend.md. The owner of
-- the schema, who runs this file, needs no --set=backend_role.
--
-- The role comes first, with no rights but to log in:
--
--   CREATE ROLE dqx_worker LOGIN PASSWORD '…';
--
-- On Lakebase, a project or a provisioned instance, the role of a service principal bears its
-- application id, and only who has logged in with a token and may create roles can make it:
--
--   CREATE EXTENSION IF NOT EXISTS databricks_auth;
--   SELECT databricks_create_role('<application id>', 'SERVICE_PRINCIPAL');
--
-- Then --set=role='<application id>'; in statements of your own it needs double quotes.
--
-- To take it all back, with everything that the worker has kept in its own schema:
--
--   DROP SCHEMA dqx_worker CASCADE;
--   REVOKE ALL ON ALL TABLES IN SCHEMA public FROM dqx_worker;
--   REVOKE ALL ON SCHEMA public FROM dqx_worker;
--   REVOKE ALL ON DATABASE :"DBNAME" FROM dqx_worker;
--   DROP ROLE dqx_worker;

\set ON_ERROR_STOP on
\if :{?role}
\else
    \set role dqx_worker
\endif
\if :{?backend_schema}
\else
    \set backend_schema public
\endif
\if :{?own_schema}
\else
    \set own_schema dqx_worker
\endif

BEGIN;

GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
GRANT USAGE ON SCHEMA :"backend_schema" TO :"role";

-- Table by table: what else the backend keeps there is none of the worker's business.
GRANT SELECT ON :"backend_schema".data_profiling_runs TO :"role";
GRANT SELECT ON :"backend_schema".data_contract_schema_objects TO :"role";
GRANT SELECT ON :"backend_schema".data_contract_schema_properties TO :"role";
GRANT SELECT ON :"backend_schema".suggested_quality_checks TO :"role";

-- These two an older backend may lack; the worker does without.
SELECT format('GRANT SELECT ON %I.%I TO %I', schemaname, tablename, :'role')
FROM pg_tables
WHERE schemaname = :'backend_schema'
  AND tablename IN ('data_contracts', 'data_contract_quality_checks')
\gexec

-- How a run stands and how it ended; what was asked for stays as the backend wrote it. Without
-- INSERT the role can't be used for `dqx-worker enqueue`, which acts for the backend.
GRANT UPDATE (status, summary_stats, completed_at, error_message)
    ON :"backend_schema".data_profiling_runs TO :"role";

-- Suggestions are written and superseded; whether they are accepted is for people to write.
-- Postgres cannot narrow these two rights to pending suggestions: `status` has no default, so the
-- worker must write it, and a policy (row-level security) would alter the backend's table. The
-- worker's statements prove it instead: docs/backend.md, "Rights".
GRANT INSERT, DELETE ON :"backend_schema".suggested_quality_checks TO :"role";

-- The worker's own tables, which `dqx-worker migrate` makes. The schema is made for the role, so
-- that it needs no CREATE on the database, and not given to it (AUTHORIZATION), which only a member
-- of the role could do. One that the role has made itself is its own already.
SELECT NOT EXISTS (
    SELECT FROM pg_namespace
    WHERE nspname = :'own_schema' AND pg_get_userbyid(nspowner) = :'role'
) AS make_own_schema
\gset
\if :make_own_schema
    CREATE SCHEMA IF NOT EXISTS :"own_schema";
    GRANT USAGE, CREATE ON SCHEMA :"own_schema" TO :"role";
    \if :{?backend_role}
        GRANT USAGE ON SCHEMA :"own_schema" TO :"backend_role";
    \endif
\endif

-- Any other role that may create there can leave functions and operators for programs that look for
-- names in the schema. The worker looks in its own alone, and for the backend's tables by their full
-- names. In databases that Postgres 14 or an older version has made, PUBLIC may create in `public`.
SELECT string_agg(format('%s may create in schema %I. Unless that is the backend''s role: '
                         'REVOKE CREATE ON SCHEMA %I FROM %s;',
                         r.name, s.nspname, s.nspname, r.name), E'\n') AS open_schemas
FROM pg_namespace s
CROSS JOIN LATERAL aclexplode(s.nspacl) a
CROSS JOIN LATERAL (
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS name
) r
WHERE s.nspname IN (:'backend_schema', :'own_schema') AND a.privilege_type = 'CREATE'
  AND a.grantee <> s.nspowner
  AND (a.grantee = 0 OR NOT pg_has_role(:'role', a.grantee, 'USAGE'))
  AND NOT EXISTS (
      SELECT FROM pg_class c
      WHERE c.relnamespace = s.oid AND c.relowner = a.grantee
        AND c.relname IN ('data_profiling_runs', 'migrations'))
\gset
\if :{?open_schemas}
    \warn WARNING: :open_schemas
\endif

COMMIT;
