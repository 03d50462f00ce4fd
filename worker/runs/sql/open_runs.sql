-- The runs that have not ended and have a status of $1, of the contract $2 unless that is NULL: contract
-- by contract, the oldest first.
-- Index: data_profiling_runs (status) of the backend.
SELECT id, contract_id, status FROM :"backend".data_profiling_runs
WHERE source = 'dqx' AND status IN ('pending', 'running') AND status = ANY ($1::text[])
  AND ($2::text IS NULL OR contract_id = $2)
ORDER BY contract_id, started_at, id
