-- The tables of the runs $1 that are in work, those of a run in the order in which they were begun, at
-- most $2. `share`: how much of the work on a table is done when it enters its state.
-- Index: table_progress (run_id, schema_name).
SELECT run_id, schema_name, state, done_of(state) AS share, clock_timestamp() - begun_at AS elapsed
FROM table_progress
WHERE run_id = ANY($1::text[]) AND state IN ('sampling', 'profiling', 'writing')
ORDER BY run_id, begun_at, schema_name LIMIT $2
