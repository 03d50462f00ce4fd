-- Takes the oldest requests, at most $1, for worker $2; $3 is their least age, $4 a lease's life.
-- The locked run is read anew after a wait, `attempts` is not: where another worker claimed and
-- gave back within this statement's snapshot, ON CONFLICT drops the row from this claim.
-- Indexes: data_profiling_runs (status) of the backend; leases (run_id); attempts (run_id, number).
WITH picked AS (
    SELECT r.id
    FROM data_profiling_runs r
    WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND r.started_at <= now() - $3::interval
      AND NOT EXISTS (SELECT FROM attempts a WHERE a.run_id = r.id AND a.not_before > now())
      AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
    ORDER BY r.started_at, r.id
    LIMIT $1
    FOR UPDATE OF r SKIP LOCKED
), counted AS (
    INSERT INTO attempts (run_id, number, worker)
    SELECT p.id, 1 + coalesce((SELECT max(a.number) FROM attempts a WHERE a.run_id = p.id), 0), $2
    FROM picked p
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number
), leased AS (
    INSERT INTO leases (run_id, attempt, token, worker, expires_at)
    SELECT run_id, number, gen_random_uuid(), $2, clock_timestamp() + $4::interval
    FROM counted
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id, attempt, token
), flipped AS (
    UPDATE data_profiling_runs r SET status = 'running'
    FROM leased l
    WHERE r.id = l.run_id AND r.status = 'pending' AND r.run_id IS NULL
    RETURNING r.id, r.contract_id, r.schema_names, r.triggered_by, r.started_at
)
SELECT f.id, f.contract_id, f.schema_names, f.triggered_by,
       clock_timestamp() - f.started_at AS age, l.attempt, l.token
FROM flipped f JOIN leased l ON l.run_id = f.id
ORDER BY f.started_at, f.id
