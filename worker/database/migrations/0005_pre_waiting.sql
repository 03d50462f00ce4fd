-- When a worker first saw a request that waits: the backend's own dates depend on the time zone of
-- its session. A row goes when its request is claimed.
CREATE TABLE requests_seen (
    run_id     text PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A row for each contract. A transaction that ends a run of the contract locks it.
CREATE TABLE contract_locks (
    contract_id text PRIMARY KEY
);
