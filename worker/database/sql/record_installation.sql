INSERT INTO installation (backend_schema) VALUES ($1) ON CONFLICT DO NOTHING
