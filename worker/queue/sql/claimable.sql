-- Is there a request that a worker could claim, now or once its age, back-off or lease allows it?
-- None while claiming is paused.
-- Index: data_profiling_runs (status) of the backend.
SELECT EXISTS (
    SELECT FROM :"backend".data_profiling_runs
    WHERE status = 'pending' AND source = 'dqx' AND run_id IS NULL
) AND NOT EXISTS (SELECT FROM claiming WHERE paused)
