-- The workers that live, or have been silent for a day at most, the oldest first, at most $1. One that
-- offers no slots warms up, or makes the last try of one run. A worker renews all its leases at once: it
-- is silent, too, if one of them has not been renewed for half of its life.
-- Index: leases (worker).
SELECT id, CASE WHEN EXISTS (
           SELECT FROM leases l
           WHERE l.worker = w.id
             AND clock_timestamp() > l.renewed_at + (l.expires_at - l.renewed_at) / 2
       ) THEN 'silent' ELSE state END AS state,
       slots, runs, clock_timestamp() - last_seen AS seen_ago
FROM worker_status w
WHERE state = 'alive'
   OR state = 'silent' AND (slots > 0 OR runs > 0)
      AND last_seen > statement_timestamp() - interval '1 day'
ORDER BY started_at, id LIMIT $1
