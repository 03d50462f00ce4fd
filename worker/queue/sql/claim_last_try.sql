-- Takes request $1, whose last try is due, for worker $2, which takes nothing else; $3 is a lease's
-- life. While claiming is paused it takes nothing. What it proves, reads ($4 characters of schema_names, $5 of triggered_by) and returns is as in
-- claim.sql.
-- Indexes: data_profiling_runs (id) of the backend; leases (run_id); attempts (run_id, number),
-- (run_id) where next_alone; requests_seen (run_id).
WITH picked AS (
    SELECT r.id FROM :"backend".data_profiling_runs r
    WHERE r.id = $1::text AND r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
      AND NOT EXISTS (SELECT FROM attempts a WHERE a.run_id = r.id AND a.not_before > now())
      AND EXISTS (SELECT FROM attempts a WHERE a.run_id = r.id AND a.next_alone)
      AND NOT EXISTS (SELECT FROM claiming WHERE paused)
    FOR UPDATE OF r SKIP LOCKED
), counted AS (
    INSERT INTO attempts (run_id, number, worker, tries)
    SELECT p.id, a.number + 1, $2,
           CASE WHEN a.outcome IN ('given_back', 'postponed', 'expired')
                THEN a.tries + a.counts::integer ELSE 1 END
    FROM picked p CROSS JOIN LATERAL (
        SELECT number, outcome, tries, counts FROM attempts
        WHERE run_id = p.id ORDER BY number DESC LIMIT 1
    ) a
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number, tries
), leased AS (
    INSERT INTO leases (run_id, attempt, token, worker, expires_at)
    SELECT run_id, number, gen_random_uuid(), $2, clock_timestamp() + $3::interval
    FROM counted
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id, attempt, token
), flipped AS (
    UPDATE :"backend".data_profiling_runs r SET status = 'running'
    FROM leased l
    WHERE r.id = l.run_id AND r.status = 'pending' AND r.run_id IS NULL
    RETURNING r.id, r.contract_id,
              left(r.schema_names, $4) AS schema_names, left(r.triggered_by, $5) AS triggered_by
), seen AS (
    DELETE FROM requests_seen s USING leased l WHERE s.run_id = l.run_id
    RETURNING s.run_id, s.first_seen
)
SELECT f.id, f.contract_id, f.schema_names, f.triggered_by,
       clock_timestamp() - s.first_seen AS age, l.attempt, l.token, t.tries
FROM flipped f JOIN leased l ON l.run_id = f.id JOIN counted t ON t.run_id = f.id
LEFT JOIN seen s ON s.run_id = f.id
