-- Writes to request $1 what a claim would, to be rolled back, and reads as much of its texts: $2
-- characters of schema_names, $3 of triggered_by. A row that is locked is left alone.
-- Index: data_profiling_runs (id) of the backend.
UPDATE :"backend".data_profiling_runs SET status = 'running'
WHERE id = (SELECT id FROM :"backend".data_profiling_runs
            WHERE id = $1::text AND status = 'pending' AND source = 'dqx' AND run_id IS NULL
            FOR UPDATE SKIP LOCKED)
RETURNING contract_id, left(schema_names, $2), left(triggered_by, $3)
