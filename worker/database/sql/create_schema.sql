-- The statement that creates the schema, with its name quoted; nothing where it exists.
SELECT format('CREATE SCHEMA %I', $1::text)
WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1::text)
