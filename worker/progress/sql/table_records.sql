-- How the tables of run $1 stand, except those of attempts up to the last one that ended the run.
-- `bytes` is the size of a table's summary.
SELECT schema_name, attempt, state, coalesce(suggestions, 0) AS suggestions, error,
       coalesce(octet_length(summary), 0) AS bytes
FROM table_progress
WHERE run_id = $1
  AND attempt > coalesce((SELECT max(number) FROM attempts WHERE run_id = $1
                          AND outcome IN ('completed', 'failed', 'cancelled')), 0)
ORDER BY schema_name
