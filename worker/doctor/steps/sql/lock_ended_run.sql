-- A run that has ended and that no worker holds. Only workers lock runs that have not ended.
-- Index: data_profiling_runs (status) of the backend.
SELECT id, contract_id FROM :"backend".data_profiling_runs
WHERE status IN ('completed', 'failed') AND source = 'dqx'
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED
