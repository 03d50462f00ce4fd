-- Which of the runs $1 have not ended.
-- Index: data_profiling_runs (id) of the backend.
SELECT id FROM :"backend".data_profiling_runs
WHERE id = ANY ($1::text[]) AND status IN ('pending', 'running')
