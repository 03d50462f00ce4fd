-- How many suggestions run $1 has for schema $2.
-- Index: suggested_quality_checks (profile_run_id) of the backend.
SELECT count(*) FROM :"backend".suggested_quality_checks
WHERE profile_run_id = $1::text AND schema_name = $2::text
