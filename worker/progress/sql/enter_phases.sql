-- The tables $2 of run $1 are in the phases $3; those that have ended stay as they are. Both proofs are
-- part of the statement: nothing is written unless $4 is the lease's token, no cancel is requested, and
-- the run is still as the claim left it; for the lease of a job ($5) whatever its run_id is.
-- Indexes: leases (run_id); data_profiling_runs (id) of the backend;
-- table_progress (run_id, schema_name).
WITH held AS MATERIALIZED (
    SELECT run_id FROM leases
    WHERE run_id = $1 AND token = $4 AND cancel_requested IS NULL FOR KEY SHARE
), ours AS MATERIALIZED (
    SELECT r.id FROM :"backend".data_profiling_runs r JOIN held h ON h.run_id = r.id
    WHERE r.status = 'running' AND (r.run_id IS NULL OR $5) FOR SHARE OF r
)
UPDATE table_progress t
SET state = entered.phase, begun_at = coalesce(t.begun_at, clock_timestamp())
FROM ours, unnest($2::text[], $3::text[]) AS entered (name, phase)
WHERE t.run_id = ours.id AND t.schema_name = entered.name
  AND t.state NOT IN ('completed', 'failed', 'skipped')
