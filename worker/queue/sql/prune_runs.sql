-- Drops what is kept of runs that ended more than $3 ago, or are gone from the backend's table,
-- among the next $2 runs whose ids follow $1; tells which was the last of them.
-- What was ended is locked meanwhile: whoever sets it back to 'pending' comes before or after this.
-- Indexes: attempts (run_id, number); table_progress (run_id, schema_name); leases (run_id);
-- data_profiling_runs (id) of the backend.
WITH page AS MATERIALIZED (
    SELECT DISTINCT run_id FROM attempts WHERE run_id > $1 ORDER BY run_id LIMIT $2
), ended AS (
    SELECT r.id AS run_id
    FROM page p JOIN data_profiling_runs r ON r.id = p.run_id
    WHERE r.status NOT IN ('pending', 'running')
      AND NOT EXISTS (SELECT FROM attempts a
                      WHERE a.run_id = p.run_id
                        AND (a.ended_at IS NULL OR a.ended_at > now() - $3::interval))
    FOR SHARE OF r SKIP LOCKED
), gone AS (
    SELECT p.run_id FROM page p
    WHERE NOT EXISTS (SELECT FROM data_profiling_runs r WHERE r.id = p.run_id)
), chosen AS (
    SELECT c.run_id FROM (SELECT run_id FROM ended UNION ALL SELECT run_id FROM gone) c
    WHERE NOT EXISTS (SELECT FROM leases l WHERE l.run_id = c.run_id)
), progress AS (
    DELETE FROM table_progress t USING chosen c WHERE t.run_id = c.run_id
), dropped AS (
    DELETE FROM attempts a USING chosen c WHERE a.run_id = c.run_id
)
SELECT (SELECT max(run_id) FROM page) AS last, (SELECT count(*) FROM page) AS looked_at,
       (SELECT count(*) FROM chosen) AS dropped
