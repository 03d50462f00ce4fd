-- Notes when unclaimed requests were first seen, at most $1 of them. Returns the dates
-- of those that lie more than $2 ahead or $3 back and were never begun, as text, for a warning; of
-- their other texts $4 characters are read.
-- If this is the first look of worker $5, requests may have come while no worker looked, and many: twenty
-- times as many are noted. One waits since its date, unless the date is in the future, before another
-- worker was last seen, or odd.
-- Indexes: data_profiling_runs (status) of the backend; requests_seen (run_id);
-- attempts (run_id, number); workers (last_seen).
WITH looked AS (
    SELECT greatest(now() - $3::interval, (
        SELECT last_seen FROM workers
        WHERE id <> $5::text AND (slots > 0 OR stopped_at IS NOT NULL)
        ORDER BY last_seen DESC LIMIT 1)) AS at
), seen AS (
    INSERT INTO requests_seen (run_id, waits_since)
    SELECT r.id, CASE WHEN $5::text IS NOT NULL AND r.started_at BETWEEN l.at AND now()
                      THEN r.started_at END
    FROM :"backend".data_profiling_runs r CROSS JOIN looked l
    WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND NOT EXISTS (SELECT FROM requests_seen s WHERE s.run_id = r.id)
    LIMIT CASE WHEN $5::text IS NULL THEN $1::bigint ELSE 20 * $1::bigint END
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id
)
SELECT left(r.id, $4) AS id, left(r.contract_id, $4) AS contract_id,
       left(r.triggered_by, $4) AS triggered_by, r.started_at::text AS odd_date
FROM seen s JOIN :"backend".data_profiling_runs r ON r.id = s.run_id
WHERE (r.started_at > now() + $2::interval OR r.started_at < now() - $3::interval)
  AND NOT EXISTS (SELECT FROM attempts a WHERE a.run_id = r.id)
LIMIT $1::bigint
