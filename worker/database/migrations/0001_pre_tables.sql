-- The worker's own tables. Nothing here refers to the backend's: no foreign key, no view.

-- One row: whom this schema serves.
CREATE TABLE installation (
    one_row        boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    backend_schema text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workers (
    id         text PRIMARY KEY,
    version    text NOT NULL,
    engine     text NOT NULL,
    slots      integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_seen  timestamptz NOT NULL DEFAULT now()
);

-- A row for each try at a run, made by the claim, closed once, never reused.
CREATE TABLE attempts (
    run_id     text NOT NULL,
    number     integer NOT NULL,
    worker     text NOT NULL,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    outcome    text CHECK (outcome IN ('completed', 'failed', 'given_back', 'overruled', 'expired')),
    reason     text,
    counts     boolean NOT NULL DEFAULT true,
    not_before timestamptz,
    PRIMARY KEY (run_id, number),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX attempts_not_before ON attempts (not_before) WHERE not_before IS NOT NULL;

-- The live ones only. A take-over replaces the row.
CREATE TABLE leases (
    run_id           text PRIMARY KEY,
    attempt          integer NOT NULL,
    token            uuid NOT NULL,
    worker           text NOT NULL,
    expires_at       timestamptz NOT NULL,
    cancel_requested text,
    FOREIGN KEY (run_id, attempt) REFERENCES attempts (run_id, number)
);

CREATE TABLE table_progress (
    run_id       text NOT NULL,
    schema_name  text NOT NULL,
    attempt      integer NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN
                     ('pending', 'sampling', 'profiling', 'writing', 'completed', 'failed', 'skipped')),
    rows_sampled bigint,
    columns      integer,
    suggestions  integer,
    error        text,
    summary      text,
    begun_at     timestamptz,
    ended_at     timestamptz,
    PRIMARY KEY (run_id, schema_name)
);

-- For a backend or a person that wants more than the status of a run.
CREATE VIEW run_status AS
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
       (SELECT count(*) FROM workers WHERE last_seen > clock_timestamp() - interval '1 minute')
           AS workers_alive
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
