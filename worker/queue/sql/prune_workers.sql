-- Drops at most $1 workers that were not seen for $2 and have no lease.
-- Indexes: workers (last_seen), (id); leases (worker).
WITH chosen AS (
    SELECT w.id FROM workers w
    WHERE w.last_seen < now() - $2::interval
      AND NOT EXISTS (SELECT FROM leases l WHERE l.worker = w.id)
    ORDER BY w.last_seen LIMIT $1
), dropped AS (
    DELETE FROM workers w USING chosen c WHERE w.id = c.id
)
SELECT count(*) FROM chosen
