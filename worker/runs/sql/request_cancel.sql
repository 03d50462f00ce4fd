-- Marks the lease on run $1 as to be cancelled, with the words $2; a first cancel's words stay.
-- FOR UPDATE waits for what is being written under the lease; after it nothing more is.
-- Index: leases (run_id).
WITH held AS (
    SELECT run_id FROM leases WHERE run_id = $1 FOR UPDATE
)
UPDATE leases l SET cancel_requested = coalesce(l.cancel_requested, $2)
FROM held h WHERE l.run_id = h.run_id
RETURNING l.token, l.worker, l.cancel_requested, l.expires_at <= clock_timestamp() AS expired
