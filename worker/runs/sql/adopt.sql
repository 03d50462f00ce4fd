-- Gives run $1, if it is 'running' and has no lease, one in the name of $2 that lives for $3.
-- A run with a run_id is a job's.
-- Indexes: data_profiling_runs (id) of the backend; leases (run_id); attempts (run_id, number).
WITH picked AS (
    SELECT r.id, r.run_id FROM :"backend".data_profiling_runs r
    WHERE r.id = $1::text AND r.source = 'dqx' AND r.status = 'running'
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
    FOR UPDATE OF r
), counted AS (
    INSERT INTO attempts (run_id, number, worker, tries)
    SELECT p.id, 1 + coalesce(a.number, 0), $2,
           CASE WHEN a.outcome IN ('given_back', 'postponed', 'expired')
                THEN a.tries + a.counts::integer ELSE 1 END
    FROM picked p LEFT JOIN LATERAL (
        SELECT number, outcome, tries, counts FROM attempts
        WHERE run_id = p.id ORDER BY number DESC LIMIT 1
    ) a ON true
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number
)
INSERT INTO leases (run_id, attempt, token, worker, expires_at, job)
SELECT c.run_id, c.number, gen_random_uuid(), $2, clock_timestamp() + $3::interval,
       p.run_id IS NOT NULL
FROM counted c JOIN picked p ON p.id = c.run_id
ON CONFLICT (run_id) DO NOTHING
RETURNING token
