-- What a rescue of run $1 has to know: its lease, if that has expired or has the token $2, and how
-- the run stands. Nothing is locked: `take_expired.sql` proves that it is still so. Of the run's texts
-- $3 characters are read.
-- `cut_off`: the lease was last renewed before the database started. `excused`: the attempt before
-- this one was not counted for such a reason.
-- Indexes: leases (run_id); attempts (run_id, number); data_profiling_runs (id) of the backend.
SELECT l.attempt, l.token, l.worker, l.job, l.cancel_requested, l.failed_rescues, a.tries,
       l.renewed_at < pg_postmaster_start_time() AS cut_off,
       EXISTS (SELECT FROM attempts p WHERE p.run_id = l.run_id AND p.number = l.attempt - 1
               AND p.outcome = 'expired' AND NOT p.counts) AS excused,
       clock_timestamp() - l.renewed_at AS silent, left(r.contract_id, $3) AS contract_id,
       left(r.triggered_by, $3) AS triggered_by,
       coalesce(r.status = 'running' AND (r.run_id IS NULL OR l.job), false) AS ours
FROM leases l
JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
LEFT JOIN :"backend".data_profiling_runs r ON r.id = l.run_id
WHERE l.run_id = $1 AND (l.expires_at <= clock_timestamp() OR l.token = $2)
