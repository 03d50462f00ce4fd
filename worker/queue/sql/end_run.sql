-- Ends run $1 and attempt $3 at it, if it is still as the claim left it; for the lease of a job ($2)
-- whatever its run_id is. That is the second proof of a transaction that updates the run. $4 to $6 are
-- the run's status, summary and message, $7 and $8 the attempt's outcome and reason.
-- started_at stays the time of the request.
-- Indexes: data_profiling_runs (id) of the backend; attempts (run_id, number).
WITH ended AS (
    UPDATE :"backend".data_profiling_runs
    SET status = $4, summary_stats = $5, error_message = $6, completed_at = clock_timestamp()
    WHERE id = $1::text AND status = 'running' AND (run_id IS NULL OR $2)
    RETURNING id
)
UPDATE attempts a
SET ended_at = clock_timestamp(), outcome = $7, reason = $8, counts = true
FROM ended e WHERE a.run_id = e.id AND a.number = $3 AND a.ended_at IS NULL
RETURNING true
