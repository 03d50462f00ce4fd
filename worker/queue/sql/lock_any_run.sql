-- Locks run $1 until the transaction ends. `ours`: no other program has decided it; for the lease of
-- a job ($2) whatever its run_id is. Index: data_profiling_runs (id) of the backend.
SELECT status = 'running' AND (run_id IS NULL OR $2) AS ours
FROM :"backend".data_profiling_runs WHERE id = $1::text FOR NO KEY UPDATE
