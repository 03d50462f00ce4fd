INSERT INTO table_progress (run_id, schema_name, attempt) VALUES ($1, 'doctor', 1)
