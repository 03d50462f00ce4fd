SELECT schema_name, state, suggestions, error, summary
FROM table_progress WHERE run_id = $1 ORDER BY schema_name
