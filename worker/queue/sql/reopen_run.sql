-- Makes run $1 a request again, closes attempt $3 at it and notifies channel $9, if the run is still as
-- the claim left it; for the lease of a job ($2) whatever its run_id is. $4 to $6 are the attempt's
-- outcome, reason, and whether it counts. $7: the run is not to be tried again for so long; $8: and
-- then in a process of its own.
-- Indexes: data_profiling_runs (id) of the backend; attempts (run_id, number).
WITH reopened AS (
    UPDATE :"backend".data_profiling_runs SET status = 'pending'
    WHERE id = $1::text AND status = 'running' AND (run_id IS NULL OR $2)
    RETURNING id
), closed AS (
    UPDATE attempts a
    SET ended_at = clock_timestamp(), outcome = $4, reason = $5, counts = $6,
        not_before = clock_timestamp() + nullif($7::interval, '0'), next_alone = $8
    FROM reopened r WHERE a.run_id = r.id AND a.number = $3 AND a.ended_at IS NULL
    RETURNING true
)
SELECT true, pg_notify($9, '') FROM closed
