-- The summaries of tables $2 of run $1, which are their parts of the run's summary.
SELECT schema_name, summary FROM table_progress WHERE run_id = $1 AND schema_name = ANY ($2)
