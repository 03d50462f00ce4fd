-- A row for each schema of a contract. A transaction that writes suggestions for the schema locks it.
-- Only a role with rights on this table can hold such a lock, unlike an advisory one.
CREATE TABLE schema_locks (
    contract_id text NOT NULL,
    schema      bigint NOT NULL,  -- the hash of its name, which may be too long for an index
    PRIMARY KEY (contract_id, schema)
);
