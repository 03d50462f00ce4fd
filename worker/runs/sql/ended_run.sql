-- What run $1 was asked for and how it ended: at most $2 characters of schema_names, and $3 of the
-- summary.
-- Index: data_profiling_runs (id) of the backend.
SELECT source, status, left(schema_names, $2) AS schema_names, left(summary_stats, $3) AS summary_stats
FROM :"backend".data_profiling_runs WHERE id = $1::text
