-- Drops the locks of contracts that have no run any more, at most $1; returns how many.
-- Indexes: data_profiling_runs (contract_id) of the backend; contract_locks (contract_id).
WITH dropped AS (
    DELETE FROM contract_locks WHERE contract_id = ANY (ARRAY(
        SELECT l.contract_id FROM contract_locks l
        WHERE NOT EXISTS (SELECT FROM :"backend".data_profiling_runs r
                          WHERE r.contract_id = l.contract_id)
        LIMIT $1
    ))
    RETURNING contract_id
)
SELECT count(*) FROM dropped
