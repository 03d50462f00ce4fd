INSERT INTO workers (id, version, engine, slots) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET last_seen = clock_timestamp(), slots = excluded.slots
