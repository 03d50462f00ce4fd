SELECT schema_name, state, rows_sampled, columns, suggestions, error,
       coalesce(ended_at, clock_timestamp()) - begun_at AS elapsed
FROM table_progress WHERE run_id = $1 ORDER BY schema_name
