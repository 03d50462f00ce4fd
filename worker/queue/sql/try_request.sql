-- Writes to request $1 what a claim would, to be rolled back. A row that is locked is left alone.
-- Index: data_profiling_runs (id) of the backend.
UPDATE data_profiling_runs SET status = 'running'
WHERE id = (SELECT id FROM data_profiling_runs
            WHERE id = $1 AND status = 'pending' AND source = 'dqx' AND run_id IS NULL
            FOR UPDATE SKIP LOCKED)
RETURNING true
