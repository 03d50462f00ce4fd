-- Takes the request $1 for $2, who cancels it with the words $4; $3 is a lease's life. Waits for
-- the holder of the row, and takes it whatever its back-off or age is. What was asked for is not read.
-- A row whose id or contract_id has more than $5 bytes can't be leased.
-- Indexes: data_profiling_runs (id) of the backend; leases (run_id); attempts (run_id, number);
-- requests_seen (run_id).
WITH picked AS (
    SELECT r.id FROM :"backend".data_profiling_runs r
    WHERE r.id = $1::text AND r.source = 'dqx' AND r.status = 'pending' AND r.run_id IS NULL
      AND octet_length(r.id) <= $5 AND octet_length(r.contract_id) <= $5
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
    FOR UPDATE OF r
), counted AS (
    INSERT INTO attempts (run_id, number, worker)
    SELECT p.id, 1 + coalesce((SELECT max(a.number) FROM attempts a WHERE a.run_id = p.id), 0), $2
    FROM picked p
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number
), leased AS (
    INSERT INTO leases (run_id, attempt, token, worker, expires_at, cancel_requested)
    SELECT run_id, number, gen_random_uuid(), $2, clock_timestamp() + $3::interval, $4
    FROM counted
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id, attempt, token
), flipped AS (
    UPDATE :"backend".data_profiling_runs r SET status = 'running'
    FROM leased l WHERE r.id = l.run_id
    RETURNING r.id, r.contract_id
), seen AS (
    DELETE FROM requests_seen s USING leased l WHERE s.run_id = l.run_id
    RETURNING s.run_id, s.first_seen
)
SELECT f.id, f.contract_id, NULL AS schema_names, NULL AS triggered_by,
       clock_timestamp() - s.first_seen AS age, l.attempt, l.token, 1 AS tries
FROM flipped f JOIN leased l ON l.run_id = f.id
LEFT JOIN seen s ON s.run_id = f.id
