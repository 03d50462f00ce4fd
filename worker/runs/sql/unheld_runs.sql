-- Runs that are 'running' without a lease, at most $1: another program's, or left behind. `stuck` is
-- why the last attempt could not end the run, if that is so. Of the other texts $2 characters are read.
-- Indexes: data_profiling_runs (status) of the backend; leases (run_id); attempts (run_id, number).
SELECT r.id, left(r.run_id, $2) AS job, left(r.contract_id, $2) AS contract_id,
       left(r.triggered_by, $2) AS triggered_by, a.number AS attempt,
       CASE WHEN a.outcome = 'stuck' THEN coalesce(a.reason, '') END AS stuck
FROM :"backend".data_profiling_runs r
LEFT JOIN LATERAL (
    SELECT number, outcome, reason FROM attempts
    WHERE run_id = r.id ORDER BY number DESC LIMIT 1
) a ON true
WHERE r.status = 'running' AND r.source = 'dqx'
  AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
ORDER BY r.started_at LIMIT $1
