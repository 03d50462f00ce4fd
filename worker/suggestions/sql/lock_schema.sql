-- One run at a time looks at what waits of a schema and writes; $1 names the schema.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0))
