-- Index: suggested_quality_checks (contract_id) of the backend.
SELECT schema_name, property_name, name, type, engine, rule, implementation,
       to_jsonb(suggested_quality_checks) ->> 'must_be' AS must_be
FROM suggested_quality_checks
WHERE contract_id = $1 AND status = ANY ($2)
ORDER BY schema_name, property_name NULLS LAST, name, id
