-- Takes the one run $1 of contract $2 for the job $3, whatever its run_id; $4 is a lease's life,
-- $5 how many characters of triggered_by are read.
-- Its launcher may have set it to 'running' already, or may be about to: either is a request.
-- Like claim.sql it waits for no lock, and ON CONFLICT drops what another claim has just taken.
-- Indexes: data_profiling_runs (id) of the backend; leases (run_id); attempts (run_id, number);
-- requests_seen (run_id).
WITH picked AS (
    SELECT r.id
    FROM :"backend".data_profiling_runs r
    WHERE r.id = $1::text AND r.contract_id = $2::text AND r.source = 'dqx'
      AND r.status IN ('pending', 'running')
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
    FOR UPDATE OF r SKIP LOCKED
), counted AS (
    INSERT INTO attempts (run_id, number, worker)
    SELECT p.id, 1 + coalesce((SELECT max(a.number) FROM attempts a WHERE a.run_id = p.id), 0), $3
    FROM picked p
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number
), leased AS (
    INSERT INTO leases (run_id, attempt, token, worker, expires_at, job)
    SELECT run_id, number, gen_random_uuid(), $3, clock_timestamp() + $4::interval, true
    FROM counted
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id, attempt, token, worker
), flipped AS (
    UPDATE :"backend".data_profiling_runs r SET status = 'running'
    FROM leased l
    WHERE r.id = l.run_id AND r.status IN ('pending', 'running')
    RETURNING r.id, left(r.triggered_by, $5) AS triggered_by
), seen AS (
    DELETE FROM requests_seen s USING leased l WHERE s.run_id = l.run_id
    RETURNING s.run_id, s.first_seen
)
SELECT f.triggered_by, clock_timestamp() - s.first_seen AS age, l.worker, l.attempt, l.token
FROM flipped f JOIN leased l ON l.run_id = f.id
LEFT JOIN seen s ON s.run_id = f.id
