-- Is there a request that a worker could claim, now or once its age, back-off or lease allows it?
-- Index: data_profiling_runs (status) of the backend.
SELECT EXISTS (
    SELECT FROM :"backend".data_profiling_runs
    WHERE status = 'pending' AND source = 'dqx' AND run_id IS NULL
)
