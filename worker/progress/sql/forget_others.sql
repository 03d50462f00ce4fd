-- Drops what an interrupted attempt had not finished and this one ($2 are its names) is not asked for.
DELETE FROM table_progress
WHERE run_id = $1 AND state <> 'completed' AND schema_name <> ALL ($2::text[])
