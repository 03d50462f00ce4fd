-- Inserts request $1 for the contract and the user of run $2, which has ended, as the backend inserts
-- one: for the schema names $3, a JSON array, or for those of the run.
-- Index: data_profiling_runs (id) of the backend.
INSERT INTO :"backend".data_profiling_runs (id, contract_id, source, schema_names, status, triggered_by)
SELECT $1::text, contract_id, 'dqx', coalesce($3, schema_names), 'pending', triggered_by
FROM :"backend".data_profiling_runs
WHERE id = $2::text AND source = 'dqx' AND status NOT IN ('pending', 'running')
RETURNING true
