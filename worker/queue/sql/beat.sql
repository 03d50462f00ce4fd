-- Renews the leases (run ids $1, tokens $2) of worker $4 for another $3, also expired ones that
-- nobody took. Tells of each whether it is still held and whether the run is still ours: for the
-- lease of a job whatever its run_id is.
-- Indexes: leases (run_id); data_profiling_runs (id) of the backend.
WITH mine AS (
    SELECT m.run_id, m.token FROM unnest($1::text[], $2::uuid[]) AS m (run_id, token)
), renewed AS (
    UPDATE leases l SET expires_at = clock_timestamp() + $3::interval
    FROM mine m
    WHERE l.run_id = m.run_id AND l.token = m.token
    RETURNING l.run_id, l.job
), seen AS (
    UPDATE workers SET last_seen = clock_timestamp() WHERE id = $4
)
SELECT m.run_id,
       n.run_id IS NOT NULL AS held,
       EXISTS (SELECT FROM data_profiling_runs r
               WHERE r.id = m.run_id AND r.status = 'running'
                 AND (r.run_id IS NULL OR n.job)) AS ours
FROM mine m LEFT JOIN renewed n ON n.run_id = m.run_id
