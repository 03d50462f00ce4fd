UPDATE table_progress
SET state = 'completed', rows_sampled = $3, columns = $4, suggestions = $5, summary = $6,
    begun_at = coalesce(begun_at, clock_timestamp()), ended_at = clock_timestamp()
WHERE run_id = $1 AND schema_name = $2
