-- The workers that were seen within $1, at most $2: those alive come first, then by when they were last seen.
-- Indexes: workers (last_seen); leases (worker), below the view.
SELECT id, version, engine, slots, state, runs, started_at, last_seen, stopped_at,
       greatest(clock_timestamp() - last_seen, '0') AS unseen_for
FROM worker_status
WHERE last_seen > statement_timestamp() - $1::interval
ORDER BY array_position(ARRAY['alive', 'silent', 'lost', 'stopped'], state), last_seen DESC, id
LIMIT $2
