-- Makes worker $1 the one that keeps house, unless another one that is alive does. Returns a row if it is.
-- Indexes: maintenance (one_row); workers (id), below the view.
INSERT INTO maintenance (worker) VALUES ($1)
ON CONFLICT (one_row) DO UPDATE SET worker = excluded.worker, last_round = clock_timestamp()
WHERE maintenance.worker = excluded.worker
   OR NOT EXISTS (SELECT FROM worker_status w WHERE w.id = maintenance.worker AND w.state = 'alive')
RETURNING true
