-- Drops the locks of schemas whose contracts have no run any more, at most $1; returns how many.
-- By the places of the rows, not by a join, which would read all; one that is locked has moved.
-- Indexes: data_profiling_runs (contract_id) of the backend; schema_locks (contract_id, schema).
WITH dropped AS (
    DELETE FROM schema_locks WHERE ctid = ANY (ARRAY(
        SELECT l.ctid FROM schema_locks l
        WHERE NOT EXISTS (SELECT FROM :"backend".data_profiling_runs r
                          WHERE r.contract_id = l.contract_id)
        LIMIT $1
    ))
    RETURNING contract_id
)
SELECT count(*) FROM dropped
