-- The columns that the worker writes at the end of a run, to what they are.
UPDATE :"backend".data_profiling_runs
SET status = status, summary_stats = summary_stats, completed_at = completed_at,
    error_message = error_message
WHERE id = $1::text
