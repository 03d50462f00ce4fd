-- The roles that may create in the backend's schema ($1) and in the worker's own ($2), and that neither
-- own the schema nor the tables there, nor are the worker's; each with the statement that ends it.
SELECT s.nspname = $2::text AS own, s.nspname::text AS schema, r.role,
       format('REVOKE CREATE ON SCHEMA %I FROM %s', s.nspname,
              CASE WHEN a.grantee = 0 THEN r.role ELSE quote_ident(r.role) END) AS revoking
FROM pg_namespace s
CROSS JOIN LATERAL aclexplode(s.nspacl) a
CROSS JOIN LATERAL (
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role
) r
WHERE s.nspname IN ($1::text, $2::text) AND a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner
  AND (a.grantee = 0 OR NOT pg_has_role(a.grantee, 'USAGE'))
  AND NOT EXISTS (
      SELECT FROM pg_class c
      WHERE c.relnamespace = s.oid AND c.relowner = a.grantee
        AND c.relname IN ('data_profiling_runs', 'migrations'))
ORDER BY own, r.role
