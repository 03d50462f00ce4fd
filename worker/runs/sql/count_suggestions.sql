-- How many suggestions run $1 has.
-- Index: suggested_quality_checks (profile_run_id) of the backend.
SELECT count(*) FROM :"backend".suggested_quality_checks WHERE profile_run_id = $1::text
