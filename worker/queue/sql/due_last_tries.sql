-- The oldest requests whose last tries are due, at most $1: each is made in a process of its own.
-- None is due while claiming is paused. Of a text $2 characters are read.
-- Indexes: attempts (run_id) where next_alone, (run_id, number), (not_before); leases (run_id);
-- data_profiling_runs (id) of the backend.
SELECT r.id, r.contract_id, left(r.triggered_by, $2) AS triggered_by,
       (SELECT max(number) + 1 FROM attempts t WHERE t.run_id = r.id) AS attempt
FROM (SELECT DISTINCT run_id FROM attempts WHERE next_alone) a
JOIN :"backend".data_profiling_runs r ON r.id = a.run_id
WHERE r.status = 'pending' AND r.source = 'dqx' AND r.run_id IS NULL
  AND NOT EXISTS (SELECT FROM claiming WHERE paused)
  AND NOT EXISTS (SELECT FROM leases l WHERE l.run_id = r.id)
  AND r.id NOT IN (SELECT n.run_id FROM attempts n WHERE n.not_before > now())
ORDER BY r.started_at, r.id
LIMIT $1
