-- The run $1 as it stands, locked until the transaction ends. Index: data_profiling_runs (id).
SELECT status, run_id FROM data_profiling_runs WHERE id = $1 FOR NO KEY UPDATE
