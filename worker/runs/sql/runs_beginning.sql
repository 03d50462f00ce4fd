-- The ids of at most two runs that begin with $1, so that a short id can be found, or refused.
-- The backend has no index for beginnings of ids, so its table is read whole.
SELECT id FROM :"backend".data_profiling_runs WHERE starts_with(id, $1) ORDER BY id LIMIT 2
