-- Drops what belongs to an attempt that ended the run, and to those before it.
DELETE FROM table_progress
WHERE run_id = $1
  AND attempt <= (SELECT max(number) FROM attempts
                  WHERE run_id = $1 AND outcome IN ('completed', 'failed', 'cancelled'))
