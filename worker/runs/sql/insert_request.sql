-- As the backend inserts it.
INSERT INTO :"backend".data_profiling_runs (id, contract_id, source, schema_names, status, triggered_by)
VALUES ($1, $2, 'dqx', $3, 'pending', $4)
