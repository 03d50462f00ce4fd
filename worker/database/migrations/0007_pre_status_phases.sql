-- The phase of a run is `pending` before its first table is begun and never after it, and `ending` while
-- its end is written. 100 percent is the end's.
CREATE OR REPLACE VIEW run_status AS
SELECT a.run_id,
       a.number AS attempt,
       a.worker,
       a.begun_at,
       a.ended_at,
       a.outcome,
       a.reason AS last_error,
       coalesce(a.outcome, p.phase) AS phase,
       coalesce(p.tables_done, 0) AS tables_done,
       coalesce(p.tables_total, 0) AS tables_total,
       CASE WHEN p.tables_total = 0 THEN 0
            WHEN a.outcome IS NULL THEN least(99, 100 * p.tables_done / p.tables_total)
            ELSE 100 * p.tables_done / p.tables_total END AS percent,
       clock_timestamp() - w.last_seen AS heartbeat_age,
       (SELECT count(*) FROM workers
        WHERE slots > 0 AND last_seen > statement_timestamp() - interval '1 minute') AS workers_alive
FROM attempts a
LEFT JOIN workers w ON w.id = a.worker
CROSS JOIN LATERAL (
    SELECT count(*) AS tables_total,
           count(*) FILTER (WHERE t.state IN ('completed', 'failed', 'skipped')) AS tables_done,
           CASE WHEN coalesce(bool_and(t.state = 'pending'), true) THEN 'pending'
                WHEN bool_and(t.state IN ('completed', 'failed', 'skipped')) THEN 'ending'
                ELSE coalesce(
                    min(t.state) FILTER (WHERE t.state IN ('sampling', 'profiling', 'writing')),
                    'profiling') END AS phase
    FROM table_progress t WHERE t.run_id = a.run_id
) p
WHERE a.number = (SELECT max(number) FROM attempts latest WHERE latest.run_id = a.run_id);
