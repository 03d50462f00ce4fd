-- Skips what a run that ends has not finished, and drops what belongs to attempts up to the last one
-- that ended it before.
-- Indexes: table_progress (run_id, schema_name); attempts (run_id, number).
WITH before AS (
    SELECT coalesce(max(number), 0) AS last FROM attempts
    WHERE run_id = $1 AND outcome IN ('completed', 'failed', 'cancelled')
), forgotten AS (
    DELETE FROM table_progress t USING before b WHERE t.run_id = $1 AND t.attempt <= b.last
)
UPDATE table_progress t
SET state = 'skipped', error = $2, ended_at = clock_timestamp()
FROM before b
WHERE t.run_id = $1 AND t.attempt > b.last AND t.state NOT IN ('completed', 'failed', 'skipped')
