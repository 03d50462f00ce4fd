-- Index: run_options (run_id).
SELECT options::text FROM run_options WHERE run_id = $1
