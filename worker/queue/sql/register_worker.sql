-- Registers worker $1, of version $2 and engine $3, with $4 slots; $5: it counts as silent after so long.
-- Index: workers (id).
INSERT INTO workers (id, version, engine, slots, silent_after) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE
SET last_seen = clock_timestamp(), slots = excluded.slots, silent_after = excluded.silent_after
