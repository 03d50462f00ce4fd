-- Takes the oldest requests, at most $1, for worker $2; $4 is a lease's life, $5 how many runs of one
-- contract the worker may have at once. A request that was never begun is taken only if a worker saw
-- it at least $3 ago; 0 takes it at first sight.
-- The backend's dates decide the order and nothing else. One that lies more than $6 ahead or $7 back
-- is returned as text, if this claim is the first look at the request.
-- A row whose id or contract_id has more than $8 bytes can't be leased: refuse.sql ends it. Of the
-- other texts $9 characters of schema_names are read, and $10 of triggered_by.
-- The locked run is read anew after a wait, `attempts` is not: where another worker claimed and
-- gave back within this statement's snapshot, ON CONFLICT drops the row from this claim.
-- The last try of a run that has cost a worker is left to claim_last_try.sql.
-- While claiming is paused nothing is taken. A request's age counts from when claiming was resumed, if
-- it was seen before.
-- Every row says whether claiming is paused and whether any request waited before; if none did, also
-- how many runs are in work, and how many of those that are running no worker holds. One row at least.
-- NOT IN makes a hash of the runs that wait for a back-off, and of those that have a lease; a join
-- that takes them for few goes through all of them for each request. Likewise `<> 1` of a boolean: of
-- `<=` Postgres expects few rows, and sorts all.
-- Indexes: data_profiling_runs (status) of the backend; leases (run_id), (worker);
-- attempts (run_id, number), (not_before), (run_id) where next_alone; requests_seen (run_id).
WITH held AS MATERIALIZED (
    SELECT r.contract_id, count(*) AS runs
    FROM leases l LEFT JOIN :"backend".data_profiling_runs r ON r.id = l.run_id
    WHERE l.worker = $2
    GROUP BY r.contract_id
), waits AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM :"backend".data_profiling_runs
                   WHERE status = 'pending' AND source = 'dqx' AND run_id IS NULL) AS waiting,
           EXISTS (SELECT FROM claiming WHERE paused) AS paused
), picked AS (
    SELECT r.id, r.contract_id, r.started_at
    FROM :"backend".data_profiling_runs r
    WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND ($3::interval = '0'
           OR (SELECT s.first_seen <= now() - $3::interval
               FROM requests_seen s WHERE s.run_id = r.id)
           OR (SELECT true FROM attempts a WHERE a.run_id = r.id LIMIT 1))
      AND NOT EXISTS (SELECT FROM held h WHERE h.contract_id = r.contract_id AND h.runs >= $5)
      AND r.id NOT IN (SELECT l.run_id FROM leases l)
      AND r.id NOT IN (SELECT a.run_id FROM attempts a WHERE a.not_before > now())
      AND r.id NOT IN (SELECT a.run_id FROM attempts a WHERE a.next_alone)
      AND (octet_length(r.id) > $8 OR octet_length(r.contract_id) > $8)::integer <> 1
      AND NOT EXISTS (SELECT FROM claiming WHERE paused)
    ORDER BY r.started_at, r.id
    LIMIT $1
    FOR UPDATE OF r SKIP LOCKED
), tried AS (
    SELECT p.id, coalesce(a.number, 0) + 1 AS number,
           CASE WHEN a.outcome IN ('given_back', 'postponed', 'expired')
                THEN a.tries + a.counts::integer ELSE 1 END AS tries,
           coalesce(h.runs, 0)
               + row_number() OVER (PARTITION BY p.contract_id ORDER BY p.started_at, p.id)
               AS of_contract
    FROM picked p
    LEFT JOIN held h ON h.contract_id = p.contract_id
    LEFT JOIN LATERAL (
        SELECT number, outcome, tries, counts FROM attempts
        WHERE run_id = p.id ORDER BY number DESC LIMIT 1
    ) a ON true
), counted AS (
    INSERT INTO attempts (run_id, number, worker, tries)
    SELECT id, number, $2, tries FROM tried WHERE of_contract <= $5
    ON CONFLICT (run_id, number) DO NOTHING
    RETURNING run_id, number, tries
), leased AS (
    INSERT INTO leases (run_id, attempt, token, worker, expires_at)
    SELECT run_id, number, gen_random_uuid(), $2, clock_timestamp() + $4::interval
    FROM counted
    ON CONFLICT (run_id) DO NOTHING
    RETURNING run_id, attempt, token
), flipped AS (
    UPDATE :"backend".data_profiling_runs r SET status = 'running'
    FROM leased l
    WHERE r.id = l.run_id AND r.status = 'pending' AND r.run_id IS NULL
    RETURNING r.id, r.contract_id, r.started_at,
              left(r.schema_names, $9) AS schema_names, left(r.triggered_by, $10) AS triggered_by
), seen AS (
    DELETE FROM requests_seen s USING leased l WHERE s.run_id = l.run_id
    RETURNING s.run_id,
              greatest(s.first_seen, (SELECT c.changed_at FROM claiming c
                                      WHERE c.changed_by IS NOT NULL)) AS first_seen
)
SELECT f.id, f.contract_id, f.schema_names, f.triggered_by,
       clock_timestamp() - s.first_seen AS age,
       CASE WHEN s.run_id IS NULL AND l.attempt = 1 AND (f.started_at > now() + $6::interval
                                       OR f.started_at < now() - $7::interval)
            THEN f.started_at::text END AS odd_date,
       l.attempt, l.token, t.tries, w.waiting, w.paused, u.in_work, u.without_lease
FROM waits w
CROSS JOIN LATERAL (
    SELECT count(h.run_id) AS in_work, count(*) - count(h.run_id) AS without_lease
    FROM :"backend".data_profiling_runs r LEFT JOIN leases h ON h.run_id = r.id
    WHERE NOT w.waiting AND r.status = 'running' AND r.source = 'dqx'
) u
LEFT JOIN (flipped f JOIN leased l ON l.run_id = f.id JOIN counted t ON t.run_id = f.id) ON true
LEFT JOIN seen s ON s.run_id = f.id
ORDER BY f.started_at, f.id
