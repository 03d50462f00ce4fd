-- The second proof, the last statement before COMMIT: the run is still as the claim left it; for
-- the lease of a job ($2) any run_id will do, since what appears there is its own.
-- SHARE makes the backend's UPDATE wait for our COMMIT, and lets other tables' proofs pass.
SELECT true FROM :"backend".data_profiling_runs
WHERE id = $1::text AND status = 'running' AND (run_id IS NULL OR $2) FOR SHARE
