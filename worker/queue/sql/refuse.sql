-- Ends requests that can't be leased, at most $1: their id or contract_id has more than $2 bytes, and
-- the worker's own indexes may not take it. Status 'failed', summary $3 and message $4. A new request
-- is left alone for the claim delay $5, as in claim.sql.
-- It needs no lease: no worker can have one, and the backend's own change of the row comes before or
-- after it. Returns the beginnings of their texts, $6 characters of each.
-- Indexes: data_profiling_runs (status), (id) of the backend; requests_seen, leases (run_id).
WITH picked AS (
    SELECT r.id FROM :"backend".data_profiling_runs r
    WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND (octet_length(r.id) > $2 OR octet_length(r.contract_id) > $2)
      AND ($5::interval = '0'
           OR (SELECT s.first_seen <= now() - $5::interval
               FROM requests_seen s WHERE s.run_id = r.id))
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
    LIMIT $1
    FOR UPDATE OF r SKIP LOCKED
)
UPDATE :"backend".data_profiling_runs r
SET status = 'failed', summary_stats = $3, error_message = $4, completed_at = clock_timestamp()
FROM picked p WHERE r.id = p.id
RETURNING left(r.id, $6) AS run, left(r.contract_id, $6) AS contract,
          left(r.triggered_by, $6) AS triggered_by
