-- How run $1 stands: its contract, source, status and message, and who holds a lease on it.
-- $2 and $3 are how many characters of the message and of triggered_by are read.
-- Indexes: data_profiling_runs (id) of the backend; leases (run_id); requests_seen (run_id).
SELECT r.contract_id, r.source, r.status, left(r.error_message, $2) AS error_message,
       left(r.triggered_by, $3) AS triggered_by,
       clock_timestamp() - s.first_seen AS age, l.worker, l.attempt, l.token
FROM :"backend".data_profiling_runs r LEFT JOIN leases l ON l.run_id = r.id
LEFT JOIN requests_seen s ON s.run_id = r.id
WHERE r.id = $1::text
