-- Whom a connection ended up with: server, database, roles, TLS, writes, and how many connections
-- more the role may open (NULL: as many as it likes) of those that the server has. TLS is NULL if a role
-- that was set at the login hides it. Postgres 16 and later reserve connections for further roles.
SELECT current_setting('server_version') AS server,
       current_database()::text AS database,
       current_user::text AS role,
       session_user::text AS logged_in_as,
       r.rolsuper AS superuser,
       s.ssl AS tls,
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
       CASE WHEN NOT r.rolsuper THEN least(
           CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit - n.of_role END,
           CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit - n.of_database END,
           current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true), '0')::int - n.of_all
       ) END::int AS left,
       current_setting('max_connections')::int AS max_connections
FROM pg_roles r
JOIN pg_database d ON d.datname = current_database()
LEFT JOIN pg_stat_ssl s ON s.pid = pg_backend_pid()
CROSS JOIN (
    SELECT count(*) FILTER (WHERE usename = session_user) AS of_role,
           count(*) FILTER (WHERE datname = current_database()) AS of_database,
           count(*) AS of_all
    FROM pg_stat_activity WHERE backend_type = 'client backend'
) n
WHERE r.rolname = session_user
