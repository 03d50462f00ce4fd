-- Ends those of the requests $1 that no worker has ever begun, in the name of $2, with the status $3, the
-- summary $4 and the words $5. A request that is locked is left alone, and so is one whose id or
-- contract_id has more than $6 bytes.
-- It needs no lease: the locked row and the number of the attempt decide, as in claim.sql. Where a worker
-- claimed and gave back within this statement's snapshot, ON CONFLICT drops the row from it. A lease has
-- an attempt.
-- Indexes: data_profiling_runs (id) of the backend; attempts (run_id, number); requests_seen (run_id).
WITH picked AS (
    SELECT r.id FROM :"backend".data_profiling_runs r
    WHERE r.id = ANY ($1::text[])
      AND r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND octet_length(r.id) <= $6 AND octet_length(r.contract_id) <= $6
      AND NOT EXISTS (SELECT FROM attempts a WHERE a.run_id = r.id)
    FOR UPDATE OF r SKIP LOCKED
), counted AS (
    INSERT INTO attempts (run_id, number, worker, ended_at, outcome, reason)
    SELECT id, 1, $2, clock_timestamp(), 'cancelled', $5 FROM picked
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id
), seen AS (
    DELETE FROM requests_seen s USING counted c WHERE s.run_id = c.run_id
)
UPDATE :"backend".data_profiling_runs r
SET status = $3, summary_stats = $4, error_message = $5, completed_at = clock_timestamp()
FROM counted c WHERE r.id = c.run_id
RETURNING r.id
