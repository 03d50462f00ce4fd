-- The second proof of a transaction that then updates the run. Two that hold SHARE and both
-- update would deadlock, hence the stronger lock at once. $2: the lease is a job's.
SELECT true FROM data_profiling_runs
WHERE id = $1 AND status = 'running' AND (run_id IS NULL OR $2) FOR NO KEY UPDATE
