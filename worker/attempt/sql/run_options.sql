-- The first $2 characters of the options of run $1.
-- Index: run_options (run_id).
SELECT left(options::text, $2) FROM run_options WHERE run_id = $1
