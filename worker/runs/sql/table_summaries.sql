-- The statistics of a run's tables, whole. Uses table_progress_pkey.
SELECT schema_name, summary FROM table_progress WHERE run_id = $1 AND summary IS NOT NULL
