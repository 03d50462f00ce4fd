-- The second proof, the last statement before COMMIT: the run is still as the claim left it.
-- SHARE makes the backend's UPDATE wait for our COMMIT, and lets other tables' proofs pass.
SELECT true FROM data_profiling_runs
WHERE id = $1 AND status = 'running' AND run_id IS NULL FOR SHARE
