-- Runs that are 'running' without a lease, at most $1: another program's, or left behind. `stuck` is
-- why the last attempt could not end the run, if that is so.
-- Indexes: data_profiling_runs (status) of the backend; leases (run_id); attempts (run_id, number).
SELECT r.id, left(r.run_id, 200) AS job,
       (SELECT CASE WHEN a.outcome = 'stuck' THEN coalesce(a.reason, '') END FROM attempts a
        WHERE a.run_id = r.id ORDER BY a.number DESC LIMIT 1) AS stuck
FROM :"backend".data_profiling_runs r
WHERE r.status = 'running' AND r.source = 'dqx'
  AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
ORDER BY r.started_at LIMIT $1
