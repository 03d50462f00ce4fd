-- The second proof of a transaction that then updates the run. Two that hold SHARE and both
-- update would deadlock, hence the stronger lock at once.
SELECT true FROM data_profiling_runs
WHERE id = $1 AND status = 'running' AND run_id IS NULL FOR NO KEY UPDATE
