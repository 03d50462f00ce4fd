-- Locks the lease on run $1 where it has expired. Who writes under it, or has just renewed it,
-- keeps it. `cut_off`: it was last renewed before the database started.
-- Indexes: leases (run_id); attempts (run_id, number).
SELECT l.attempt, l.token, l.worker, l.job, l.cancel_requested, a.tries,
       l.renewed_at < pg_postmaster_start_time() AS cut_off,
       clock_timestamp() - l.renewed_at AS silent
FROM leases l JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
WHERE l.run_id = $1 AND l.expires_at <= clock_timestamp()
FOR UPDATE OF l SKIP LOCKED
