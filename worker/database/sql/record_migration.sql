-- No row if the migration is recorded already.
INSERT INTO migrations (number, kind, name) VALUES ($1, $2, $3)
ON CONFLICT (number) DO NOTHING
RETURNING true
