-- What the harness did, in the database itself: each deed in the transaction that does it, so that
-- a lost answer leaves no doubt. Owned by the superuser; the worker never looks here.
CREATE SCHEMA chaos;

-- A request, with what has to come of it. `fate`: completes, fails, kills. `tables`: JSON array of
-- {"schema", "physical_name", "suggestions"}; suggestions are NULL where only DQX knows.
CREATE TABLE chaos.requests (
    run_id      text PRIMARY KEY,
    contract_id text NOT NULL,
    fate        text NOT NULL,
    tables      jsonb NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What 'the backend' did with a run: `suggestions` is how many the run had then, `word` the status
-- that it set, `exit_code` the command's.
CREATE TABLE chaos.deeds (
    number      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    run_id      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    suggestions integer,
    word        text,
    exit_code   integer,
    answered_at timestamptz
);

-- What people decided about suggestions.
CREATE TABLE chaos.decisions (
    suggestion_id text PRIMARY KEY,
    run_id        text NOT NULL,
    status        text NOT NULL
);

-- The leases that a worker held when it was killed.
CREATE TABLE chaos.kills (
    worker  text NOT NULL,
    run_id  text NOT NULL,
    attempt integer NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE chaos.outages (
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL
);

-- Who claimed and who wrote. Every worker of the fleet has a login of its own, so a suggestion that
-- comes from anybody but the holder of the lease shows.
CREATE TABLE chaos.claims (
    run_id  text NOT NULL,
    attempt integer NOT NULL,
    login   text NOT NULL,
    worker  text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (run_id, attempt)
);

CREATE TABLE chaos.writes (
    suggestion_id text NOT NULL,
    run_id        text NOT NULL,
    schema_name   text NOT NULL,
    attempt       integer,
    login         text NOT NULL,
    at            timestamptz NOT NULL
);
CREATE INDEX ON chaos.writes (suggestion_id);

-- Suggestions that the end of a run moved to another, with their status then.
CREATE TABLE chaos.moves (
    suggestion_id text NOT NULL,
    run_id        text NOT NULL,
    moved_to      text NOT NULL,
    status        text NOT NULL
);

-- Suggestions that went with a run to which they had moved; `run_id` is the one that found them.
CREATE TABLE chaos.gone (
    suggestion_id  text PRIMARY KEY,
    run_id         text NOT NULL,
    schema_name    text NOT NULL,
    implementation text,
    status         text NOT NULL
);

-- Suggestions that a worker took away, as they were.
CREATE TABLE chaos.superseded (
    suggestion_id  text PRIMARY KEY,
    run_id         text NOT NULL,
    schema_name    text NOT NULL,
    implementation text,
    status         text NOT NULL
);

CREATE FUNCTION chaos.record_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO chaos.claims
    VALUES (NEW.run_id, NEW.number, session_user, NEW.worker, clock_timestamp());
    RETURN NULL;
END $$;

-- The run that found a suggestion, which may belong to another by now.
CREATE FUNCTION chaos.finder(suggestion text, belongs_to text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT run_id FROM chaos.writes WHERE suggestion_id = suggestion
                     ORDER BY at LIMIT 1), belongs_to)
$$;

CREATE VIEW chaos.found AS
SELECT chaos.finder(id, profile_run_id) AS run_id, id AS suggestion_id, schema_name,
       implementation, status, profile_run_id AS belongs_to
FROM public.suggested_quality_checks;

CREATE FUNCTION chaos.record_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF chaos.finder(NEW.id, NEW.profile_run_id) <> NEW.profile_run_id THEN
        -- It was deleted a moment ago, to be inserted here.
        DELETE FROM chaos.superseded WHERE suggestion_id = NEW.id;
        INSERT INTO chaos.moves
        VALUES (NEW.id, chaos.finder(NEW.id, NEW.profile_run_id), NEW.profile_run_id, NEW.status);
        RETURN NULL;
    END IF;
    INSERT INTO chaos.writes
    VALUES (NEW.id, NEW.profile_run_id, NEW.schema_name,
            (SELECT attempt FROM dqx_worker.leases WHERE run_id = NEW.profile_run_id),
            session_user, clock_timestamp());
    RETURN NULL;
END $$;

-- With a run its suggestions go, too, and those that had moved to it: that is no deed of a worker's.
CREATE FUNCTION chaos.record_superseded() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF (SELECT NOT rolsuper FROM pg_roles WHERE rolname = session_user)
       AND EXISTS (SELECT FROM public.data_profiling_runs WHERE id = OLD.profile_run_id) THEN
        INSERT INTO chaos.superseded
        VALUES (OLD.id, chaos.finder(OLD.id, OLD.profile_run_id), OLD.schema_name,
                OLD.implementation, OLD.status)
        -- A run that was set back has written it once more.
        ON CONFLICT (suggestion_id) DO UPDATE SET status = EXCLUDED.status;
    ELSIF chaos.finder(OLD.id, OLD.profile_run_id) <> OLD.profile_run_id THEN
        INSERT INTO chaos.gone
        VALUES (OLD.id, chaos.finder(OLD.id, OLD.profile_run_id), OLD.schema_name,
                OLD.implementation, OLD.status)
        ON CONFLICT (suggestion_id) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER chaos_superseded AFTER DELETE ON public.suggested_quality_checks
FOR EACH ROW EXECUTE FUNCTION chaos.record_superseded();

CREATE TRIGGER chaos_claim AFTER INSERT ON dqx_worker.attempts
FOR EACH ROW EXECUTE FUNCTION chaos.record_claim();

CREATE TRIGGER chaos_write AFTER INSERT ON public.suggested_quality_checks
FOR EACH ROW EXECUTE FUNCTION chaos.record_write();
