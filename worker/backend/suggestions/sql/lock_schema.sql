-- One run at a time looks at what waits of schema $2 of contract $1 and writes: until the transaction
-- ends. A name may be longer than an index takes, so its hash stands for it.
-- Index: schema_locks (contract_id, schema).
INSERT INTO schema_locks (contract_id, schema) VALUES ($1, hashtextextended($2::text, 0))
ON CONFLICT (contract_id, schema) DO UPDATE SET schema = excluded.schema
