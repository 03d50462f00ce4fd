-- Locks the lease $2 on run $1 if it has expired, or if $4 says that it is the rescuer's own; not if
-- a worker writes under it, or has just renewed it, nor if its cancel is not $3 any more.
-- Index: leases (run_id).
SELECT true FROM leases
WHERE run_id = $1 AND token = $2 AND cancel_requested IS NOT DISTINCT FROM $3
  AND ($4 OR expires_at <= clock_timestamp())
FOR UPDATE SKIP LOCKED
