-- Gives run $1 the options of run $2, if it has any. Of those of single tables it gets the ones of the
-- schema names $3, unless that is NULL: options of a table that a run does not name are refused.
-- Index: run_options (run_id).
INSERT INTO run_options (run_id, options)
SELECT $1, CASE
    WHEN $3::text[] IS NOT NULL AND jsonb_typeof(o.options -> 'tables') = 'object'
    THEN jsonb_set(o.options, ARRAY['tables'], (
             SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}')
             FROM jsonb_each(o.options -> 'tables') t WHERE t.key = ANY ($3)))
    ELSE o.options END
FROM run_options o WHERE o.run_id = $2
