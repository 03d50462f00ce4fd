-- Leases of `dqx-worker job`, which works on one run that its launcher names.

-- Such a lease takes any run_id of the run's row for its own launcher's; when it expires, the run
-- ends and is not tried again: its launcher decides on that.
ALTER TABLE leases ADD COLUMN job boolean NOT NULL DEFAULT false;

-- A job has no slots: it serves nobody who waits, and is not counted among the workers alive.
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
       CASE WHEN p.tables_total > 0 THEN 100 * p.tables_done / p.tables_total ELSE 0 END AS percent,
       clock_timestamp() - w.last_seen AS heartbeat_age,
       (SELECT count(*) FROM workers
        WHERE slots > 0 AND last_seen > clock_timestamp() - interval '1 minute') AS workers_alive
FROM attempts a
LEFT JOIN workers w ON w.id = a.worker
LEFT JOIN LATERAL (
    SELECT count(*) AS tables_total,
           count(*) FILTER (WHERE t.state IN ('completed', 'failed', 'skipped')) AS tables_done,
           coalesce(min(t.state) FILTER (WHERE t.state IN ('sampling', 'profiling', 'writing')),
                    'pending') AS phase
    FROM table_progress t WHERE t.run_id = a.run_id
) p ON true
WHERE a.number = (SELECT max(number) FROM attempts latest WHERE latest.run_id = a.run_id);
