-- Renews the leases (run ids $1, tokens $2) of worker $4 for another $3, also expired ones that
-- no worker has taken; without another beat within $5 the worker counts as silent. Returns of each whether it
-- is still held, whether the run is still ours (for the lease of a job whatever its run_id is), and
-- whether a cancel is requested; and beside that, in every row, whether any other lease has expired and
-- when the next one does: one of another worker, or of an attempt of this one that could not write its
-- end, and whether claiming is paused. One row at least.
-- The tokens come as text: for an array of any other type the driver asks the server what it is,
-- in six round trips more, and the first beat would miss its deadline.
-- Indexes: leases (run_id), (expires_at); workers (id); data_profiling_runs (id) of the backend.
WITH mine AS (
    SELECT m.run_id, m.token FROM unnest($1::text[], $2::text[]::uuid[]) AS m (run_id, token)
), renewed AS (
    UPDATE leases l
    SET expires_at = clock_timestamp() + $3::interval, renewed_at = clock_timestamp()
    FROM mine m
    WHERE l.run_id = m.run_id AND l.token = m.token
    RETURNING l.run_id, l.job, l.cancel_requested
), seen AS (
    UPDATE workers SET last_seen = clock_timestamp(), silent_after = $5::interval WHERE id = $4::text
)
SELECT m.run_id,
       n.run_id IS NOT NULL AS held,
       EXISTS (SELECT FROM :"backend".data_profiling_runs r
               WHERE r.id = m.run_id AND r.status = 'running'
                 AND (r.run_id IS NULL OR n.job)) AS ours,
       n.cancel_requested,
       e.expired, e.next_expiry, c.paused, c.changed_by, c.changed_at, c.reason
FROM (
    SELECT EXISTS (SELECT FROM leases l
                   WHERE l.token <> ALL ($2::text[]::uuid[]) AND l.expires_at <= clock_timestamp())
               AS expired,
           (SELECT l.expires_at - clock_timestamp() FROM leases l
            WHERE l.token <> ALL ($2::text[]::uuid[]) AND l.expires_at > clock_timestamp()
            ORDER BY l.expires_at LIMIT 1) AS next_expiry
) e
LEFT JOIN claiming c ON true
LEFT JOIN mine m ON true
LEFT JOIN renewed n ON n.run_id = m.run_id
