-- Whether there is a run with the id $1.
-- Index: data_profiling_runs (id) of the backend.
SELECT EXISTS (SELECT FROM :"backend".data_profiling_runs WHERE id = $1::text)
