-- Leases in the name of worker $1 whose tokens are not in $2: claims whose answer got lost. Of texts as
-- much is read as in claim.sql: $3 characters of schema_names, $4 of triggered_by.
-- Indexes: leases (worker); data_profiling_runs (id) of the backend; attempts (run_id, number);
-- requests_seen (run_id).
SELECT r.id, r.contract_id,
       left(r.schema_names, $3) AS schema_names, left(r.triggered_by, $4) AS triggered_by,
       clock_timestamp() - s.first_seen AS age, l.attempt, l.token, a.tries
FROM leases l
JOIN :"backend".data_profiling_runs r ON r.id = l.run_id
JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
LEFT JOIN requests_seen s ON s.run_id = l.run_id
WHERE l.worker = $1 AND l.token <> ALL ($2::uuid[])
