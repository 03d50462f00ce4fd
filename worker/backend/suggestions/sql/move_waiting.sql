-- Moves pending suggestions of the contract of run $1 to its newest run that a worker has ended:
-- run $1 itself, or a newer one. A run that the backend ended is not written to. Suggestions of a
-- schema that the contract no longer has stay: no one could accept them.
-- A row is deleted and inserted with another profile_run_id, as the worker may not update it; all
-- other columns stay, also those that only a newer backend has.
-- Indexes: the backend's on contract_id of the three tables, (id); attempts (run_id, number).
WITH runs AS MATERIALIZED (
    SELECT r.id, r.contract_id, r.started_at, r.status
    FROM :"backend".data_profiling_runs own
    JOIN :"backend".data_profiling_runs r ON r.contract_id = own.contract_id AND r.source = 'dqx'
    WHERE own.id = $1::text
), newest AS (
    SELECT r.id, r.contract_id, r.started_at
    FROM runs own
    JOIN runs r ON (r.started_at, r.id) >= (own.started_at, own.id)
    WHERE own.id = $1::text AND r.status NOT IN ('pending', 'running')
      AND (SELECT a.outcome FROM attempts a WHERE a.run_id = r.id ORDER BY a.number DESC LIMIT 1)
          IN ('completed', 'failed', 'cancelled')
    ORDER BY r.started_at DESC, r.id DESC LIMIT 1
), moved AS (
    DELETE FROM :"backend".suggested_quality_checks s
    USING newest n, runs r
    WHERE s.contract_id = n.contract_id AND s.status = 'pending' AND r.id = s.profile_run_id
      AND (r.started_at, r.id) < (n.started_at, n.id)
      AND s.schema_name IN (SELECT o.name FROM :"backend".data_contract_schema_objects o
                            WHERE o.contract_id = n.contract_id)
    RETURNING s AS suggestion
)
INSERT INTO :"backend".suggested_quality_checks OVERRIDING SYSTEM VALUE
SELECT there.*
FROM newest n, moved m,
     jsonb_populate_record(m.suggestion, jsonb_build_object('profile_run_id', n.id)) AS there
