-- The worker's own schema $1: whether it is there, whose it and its tables are, and what this role
-- may do with it; with the statements that the owner of the schema or the database runs.
SELECT s.oid IS NOT NULL AS there,
       pg_get_userbyid(s.nspowner)::text AS owner,
       current_user::text AS role,
       coalesce(has_schema_privilege(s.oid, 'USAGE'), false) AS usable,
       coalesce(has_schema_privilege(s.oid, 'CREATE'), false) AS creatable,
       has_database_privilege(current_database(), 'CREATE') AS may_create,
       pg_get_userbyid(c.relowner)::text AS tables_owner,
       coalesce(pg_has_role(c.relowner, 'USAGE'), false) AS owns_tables,
       format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', own.name, current_user) AS granting,
       format('CREATE SCHEMA %1$I; GRANT USAGE, CREATE ON SCHEMA %1$I TO %2$I',
              own.name, current_user) AS creating
FROM (VALUES ($1::text)) AS own (name)
LEFT JOIN pg_namespace s ON s.nspname = own.name
LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = 'migrations'
