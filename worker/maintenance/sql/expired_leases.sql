-- The runs whose leases have expired, the longest ago first, at most $1. None within $2, a lease's
-- life, of the database's start: their workers were cut off, and renew them.
-- Index: leases (expires_at).
SELECT run_id, attempt, token, failed_rescues FROM leases
WHERE expires_at <= clock_timestamp()
  AND clock_timestamp() >= pg_postmaster_start_time() + $2::interval
ORDER BY expires_at LIMIT $1
