INSERT INTO migrations (number, kind, name) VALUES ($1, $2, $3)
