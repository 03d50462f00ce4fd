-- Those of the names $1 that no role has.
SELECT asked.role FROM unnest($1::text[]) AS asked (role)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = asked.role)
