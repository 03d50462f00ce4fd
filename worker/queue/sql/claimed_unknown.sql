-- Leases in the name of worker $1 whose tokens are not in $2: claims whose answer got lost.
-- Indexes: leases (worker); data_profiling_runs (id) of the backend; attempts (run_id, number);
-- requests_seen (run_id).
SELECT r.id, r.contract_id, r.schema_names, r.triggered_by,
       clock_timestamp() - s.first_seen AS age, l.attempt, l.token, l.alone, a.tries
FROM leases l
JOIN data_profiling_runs r ON r.id = l.run_id
JOIN attempts a ON a.run_id = l.run_id AND a.number = l.attempt
LEFT JOIN requests_seen s ON s.run_id = l.run_id
WHERE l.worker = $1 AND l.token <> ALL ($2::uuid[])
