UPDATE table_progress
SET state = 'failed', error = $3, summary = $4,
    begun_at = coalesce(begun_at, clock_timestamp()), ended_at = clock_timestamp()
WHERE run_id = $1 AND schema_name = $2
