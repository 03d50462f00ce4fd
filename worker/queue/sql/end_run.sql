-- started_at stays the time of the request.
UPDATE data_profiling_runs
SET status = $2, summary_stats = $3, error_message = $4, completed_at = clock_timestamp()
WHERE id = $1
