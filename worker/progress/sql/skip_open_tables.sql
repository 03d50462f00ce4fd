-- Closes what an attempt that ends early has not finished.
UPDATE table_progress
SET state = 'skipped', error = $2, ended_at = clock_timestamp()
WHERE run_id = $1 AND state NOT IN ('completed', 'failed', 'skipped')
