-- What it takes to take over the runs of a worker that died, and to cancel one.

CREATE INDEX leases_expires_at ON leases (expires_at);
CREATE INDEX leases_worker ON leases (worker);
CREATE INDEX attempts_ended_at ON attempts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX workers_last_seen ON workers (last_seen);

-- A time that is the same for the whole statement can be looked for in workers_last_seen.
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
        WHERE slots > 0 AND last_seen > statement_timestamp() - interval '1 minute') AS workers_alive
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

ALTER TABLE attempts DROP CONSTRAINT attempts_outcome_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_outcome_check CHECK (outcome IN
    ('completed', 'failed', 'cancelled', 'given_back', 'postponed', 'expired', 'overruled'));

-- How many attempts that count the run has had since it last ended or was overruled,
-- this one included.
ALTER TABLE attempts ADD COLUMN tries integer NOT NULL DEFAULT 1;

-- The run's next attempt is its last, and an earlier one has cost a worker: it is made alone.
ALTER TABLE attempts ADD COLUMN next_alone boolean NOT NULL DEFAULT false;

-- When the lease was last renewed: one that the database's own restart ended costs no try.
ALTER TABLE leases ADD COLUMN renewed_at timestamptz NOT NULL DEFAULT clock_timestamp();
-- Its worker takes nothing beside it.
ALTER TABLE leases ADD COLUMN alone boolean NOT NULL DEFAULT false;

CREATE INDEX attempts_next_alone ON attempts (run_id) WHERE next_alone;
