-- Runs that are 'running' without a lease, at most $1: another program's, or left behind.
-- Index: data_profiling_runs (status) of the backend.
SELECT r.id, r.run_id AS job FROM data_profiling_runs r
WHERE r.status = 'running' AND r.source = 'dqx'
  AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
ORDER BY r.started_at LIMIT $1
