-- When a worker first saw a request that waits: the backend's own dates depend on the time zone of
-- its session. A row goes when its request is claimed.
CREATE TABLE requests_seen (
    run_id     text PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A row for each contract, locked by whoever ends one of its runs until that end is committed.
CREATE TABLE contract_locks (
    contract_id text PRIMARY KEY
);
