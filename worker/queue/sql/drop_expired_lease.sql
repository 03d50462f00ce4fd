-- Closes the attempt at run $1 whose lease has expired, with reason $2, and drops the lease.
-- A lease that somebody has locked is being written under, so it is left alone.
-- Indexes: leases (run_id); attempts (run_id, number).
WITH expired AS (
    SELECT run_id, attempt FROM leases
    WHERE run_id = $1 AND expires_at <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE attempts a SET ended_at = clock_timestamp(), outcome = 'expired', reason = $2
    FROM expired e
    WHERE a.run_id = e.run_id AND a.number = e.attempt AND a.ended_at IS NULL
)
DELETE FROM leases l USING expired e WHERE l.run_id = e.run_id
