-- The oldest requests that a claim could take now, at most $1, and the newest one: which of them does
-- Postgres refuse? An id or a contract_id has at most $2 bytes.
-- Indexes: data_profiling_runs (status) of the backend; leases (run_id); attempts (not_before),
-- (run_id) where next_alone.
WITH waiting AS MATERIALIZED (
    SELECT r.id, r.contract_id, r.started_at FROM :"backend".data_profiling_runs r
    WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
      AND r.id NOT IN (SELECT l.run_id FROM leases l)
      AND r.id NOT IN (SELECT a.run_id FROM attempts a WHERE a.not_before > now())
      AND r.id NOT IN (SELECT a.run_id FROM attempts a WHERE a.next_alone)
      AND (octet_length(r.id) > $2 OR octet_length(r.contract_id) > $2)::integer <> 1
)
(SELECT id, contract_id FROM waiting ORDER BY started_at, id LIMIT $1)
UNION ALL
(SELECT id, contract_id FROM waiting ORDER BY started_at DESC, id DESC LIMIT 1)
