-- Where the worker's own schema is missing, or is not the role's to make tables in: the statement
-- that creates it (NULL where it exists) and those that its owner runs where the role may not.
SELECT CASE WHEN s.oid IS NULL THEN format('CREATE SCHEMA %I', own.name) END AS creating,
       CASE WHEN s.oid IS NULL THEN format('CREATE SCHEMA %I; ', own.name) ELSE '' END
           || format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', own.name, current_user) AS granting
FROM (VALUES ($1::text)) AS own (name)
LEFT JOIN pg_namespace s ON s.nspname = own.name
WHERE s.oid IS NULL
   OR NOT has_schema_privilege(s.oid, 'USAGE')
   OR NOT has_schema_privilege(s.oid, 'CREATE')
