-- Locks the contract of run $1 against other ends of its runs until the transaction ends.
-- Indexes: data_profiling_runs (id) of the backend; contract_locks (contract_id).
INSERT INTO contract_locks (contract_id)
SELECT contract_id FROM :"backend".data_profiling_runs WHERE id = $1::text
ON CONFLICT (contract_id) DO UPDATE SET contract_id = excluded.contract_id
