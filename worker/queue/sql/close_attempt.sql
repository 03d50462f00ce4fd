-- Closes attempt $2 at run $1. Index: attempts (run_id, number).
UPDATE attempts
SET ended_at = clock_timestamp(), outcome = $3, reason = $4, counts = $5
WHERE run_id = $1 AND number = $2 AND ended_at IS NULL
