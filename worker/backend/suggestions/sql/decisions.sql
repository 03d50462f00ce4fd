-- What was suggested for schema $2 of contract $1, and what people decided for all schemas of the
-- contracts $4, which are its versions, in the order of the runs: when each was asked for, beside
-- the run that asks, $3. Runs of another source than the worker's are no part of that order. At
-- most $5: the schema's own first, then the newest. Of an implementation of at most $6 characters
-- the hash and the length are returned.
-- Indexes: the backend's on contract_id of suggested_quality_checks and of data_profiling_runs. All
-- runs of the contracts are read once: looked up for each suggestion they would take more.
-- Optional columns are read as JSON's: an older backend may lack them.
WITH runs AS MATERIALIZED (
    SELECT id, source, started_at FROM :"backend".data_profiling_runs
    WHERE contract_id = ANY ($4::text[])
), chosen AS (
    SELECT s.*, r.started_at, r.source AS run_source, to_jsonb(s) ->> 'must_be' AS must_be_text
    FROM :"backend".suggested_quality_checks s
    JOIN runs r ON r.id = s.profile_run_id
    WHERE s.contract_id = ANY ($4::text[])
      AND (s.status IN ('accepted', 'rejected')
           OR (s.contract_id = $1::text AND s.schema_name = $2::text))
    ORDER BY s.schema_name = $2::text DESC, r.started_at DESC, r.id DESC LIMIT $5
)
SELECT s.id, s.contract_id, s.schema_name, s.status, s.property_name,
       left(s.name, 200) AS name, left(s.type, 200) AS type, left(s.engine, 200) AS engine,
       left(s.severity, 200) AS severity, left(s.rule, 200) AS rule,
       left(s.must_be_text, 200) AS must_be,
       length(s.implementation) AS size,
       CASE WHEN length(s.implementation) <= $6
            THEN sha256(convert_to(s.implementation, 'UTF8')) END AS hash,
       CASE WHEN s.profile_run_id = own.id THEN 'own'
            WHEN s.run_source <> 'dqx' THEN 'aside'
            WHEN (s.started_at, s.profile_run_id) < (own.started_at, own.id) THEN 'earlier'
            ELSE 'later' END AS asked_for
FROM chosen s
JOIN runs own ON own.id = $3::text
ORDER BY s.started_at, s.profile_run_id, s.id
