-- Whether the backend's suggestions have a confidence that the worker may write: an older backend may
-- lack it. Their schema is the one of the type that each table has for its rows.
SELECT EXISTS (
    SELECT FROM pg_type t
    JOIN pg_attribute a ON a.attrelid = t.typrelid
    WHERE t.oid = pg_typeof(NULL:::"backend".suggested_quality_checks)
      AND a.attname = 'confidence_score' AND NOT a.attisdropped
      AND has_column_privilege(a.attrelid, a.attnum, 'INSERT'))
