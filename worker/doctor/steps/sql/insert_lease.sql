INSERT INTO leases (run_id, attempt, token, worker, expires_at)
VALUES ($1, 1, $2, $3, clock_timestamp() + interval '1 minute')
