-- The workers that live, or have been silent for a day at most, the oldest first, at most $1. One that
-- offers no slots warms up, or makes the last try of one run.
SELECT id, state, slots, runs, clock_timestamp() - last_seen AS seen_ago
FROM worker_status
WHERE state = 'alive'
   OR state = 'silent' AND (slots > 0 OR runs > 0)
      AND last_seen > statement_timestamp() - interval '1 day'
ORDER BY started_at, id LIMIT $1
