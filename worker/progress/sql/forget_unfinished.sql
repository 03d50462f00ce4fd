-- Drops what an attempt that will be followed by another has not done.
DELETE FROM table_progress
WHERE run_id = $1 AND state NOT IN ('completed', 'failed', 'skipped')
