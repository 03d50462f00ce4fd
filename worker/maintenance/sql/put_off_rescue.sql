-- Has the expired lease $2 on run $1 expire again after $3, behind all that have expired by then. If
-- $4, this failure of its rescue counts. A lease that is locked is left alone.
-- Index: leases (run_id).
WITH failed AS (
    SELECT run_id FROM leases
    WHERE run_id = $1 AND token = $2 AND expires_at <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
)
UPDATE leases l
SET expires_at = clock_timestamp() + $3::interval,
    failed_rescues = l.failed_rescues + $4::boolean::integer
FROM failed f WHERE l.run_id = f.run_id
