INSERT INTO attempts (run_id, number, worker) VALUES ($1, 1, $2)
