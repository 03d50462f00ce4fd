-- Drops when requests were first seen that wait no longer, at most $1; returns how many.
-- Indexes: data_profiling_runs (id) of the backend; requests_seen (run_id).
WITH dropped AS (
    DELETE FROM requests_seen WHERE run_id = ANY (ARRAY(
        SELECT s.run_id FROM requests_seen s
        WHERE NOT EXISTS (SELECT FROM :"backend".data_profiling_runs r
                          WHERE r.id = s.run_id AND r.status = 'pending')
        LIMIT $1
    ))
    RETURNING run_id
)
SELECT count(*) FROM dropped
