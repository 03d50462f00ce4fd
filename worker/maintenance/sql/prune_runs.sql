-- Drops what is kept of runs that ended more than $3 ago, or are gone from the backend's table,
-- among the next $2 runs whose ids follow $1; returns the last of them.
-- What was ended is locked meanwhile: a program that sets it back to 'pending' comes before or after this.
-- Each run of the page is looked up by itself: a join, of a page whose size a prepared statement
-- does not know, reads whole tables.
-- Indexes: attempts (run_id, number); table_progress (run_id, schema_name); leases (run_id);
-- run_options (run_id);
-- data_profiling_runs (id) of the backend.
WITH page AS MATERIALIZED (
    SELECT DISTINCT run_id FROM attempts WHERE run_id > $1 ORDER BY run_id LIMIT $2
), ended AS (
    SELECT r.run_id
    FROM page p CROSS JOIN LATERAL (
        SELECT id AS run_id FROM :"backend".data_profiling_runs
        WHERE id = p.run_id AND status NOT IN ('pending', 'running')
        FOR SHARE SKIP LOCKED
    ) r
    WHERE (SELECT bool_and(a.ended_at IS NOT NULL AND a.ended_at <= now() - $3::interval)
           FROM attempts a WHERE a.run_id = p.run_id)
), gone AS (
    SELECT p.run_id FROM page p
    WHERE (SELECT count(*) FROM :"backend".data_profiling_runs r WHERE r.id = p.run_id) = 0
), chosen AS MATERIALIZED (
    SELECT c.run_id FROM (SELECT run_id FROM ended UNION ALL SELECT run_id FROM gone) c
    WHERE NOT EXISTS (SELECT FROM leases l WHERE l.run_id = c.run_id)
), progress AS (
    DELETE FROM table_progress WHERE run_id = ANY (ARRAY(SELECT run_id FROM chosen))
), options AS (
    DELETE FROM run_options WHERE run_id = ANY (ARRAY(SELECT run_id FROM chosen))
), dropped AS (
    DELETE FROM attempts WHERE run_id = ANY (ARRAY(SELECT run_id FROM chosen))
)
SELECT (SELECT max(run_id) FROM page) AS last, (SELECT count(*) FROM page) AS looked_at,
       (SELECT count(*) FROM chosen) AS dropped
