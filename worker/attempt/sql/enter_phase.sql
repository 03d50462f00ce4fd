UPDATE table_progress SET state = $3, begun_at = coalesce(begun_at, clock_timestamp())
WHERE run_id = $1 AND schema_name = $2
