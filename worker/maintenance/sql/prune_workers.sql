-- Drops at most $1 workers that were not seen for $2 and have no lease; returns how many.
-- By their ids in an array, not by a join, which would read all workers.
-- Indexes: workers (last_seen), (id); leases (worker).
WITH dropped AS (
    DELETE FROM workers WHERE id = ANY (ARRAY(
        SELECT w.id FROM workers w
        WHERE w.last_seen < now() - $2::interval
          AND NOT EXISTS (SELECT FROM leases l WHERE l.worker = w.id)
        ORDER BY w.last_seen LIMIT $1
    ))
    RETURNING id
)
SELECT count(*) FROM dropped
