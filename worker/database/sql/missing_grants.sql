-- What the roles $2 lack of a backend's rights in the worker's schema $1, each as the statement that
-- grants it, and whether the current role may run it.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', s.nspname, r.rolname) AS statement,
       has_schema_privilege(s.oid, 'USAGE WITH GRANT OPTION') AS grantable
FROM pg_namespace s CROSS JOIN pg_roles r
WHERE s.nspname = $1 AND r.rolname = ANY ($2::text[])
  AND NOT has_schema_privilege(r.oid, s.oid, 'USAGE')
UNION ALL
SELECT format('GRANT %s ON %I.%I TO %I', needed.privilege, s.nspname, c.relname, r.rolname),
       has_table_privilege(c.oid, needed.privilege || ' WITH GRANT OPTION')
FROM (VALUES ('run_options', 'INSERT'), ('run_options', 'SELECT'), ('run_status', 'SELECT'),
             ('queue_status', 'SELECT'), ('worker_status', 'SELECT'), ('suggestion_evidence', 'SELECT'))
     AS needed (relation, privilege)
JOIN pg_class c ON c.relname = needed.relation
JOIN pg_namespace s ON s.oid = c.relnamespace
CROSS JOIN pg_roles r
WHERE s.nspname = $1 AND r.rolname = ANY ($2::text[])
  AND NOT has_table_privilege(r.oid, c.oid, needed.privilege)
