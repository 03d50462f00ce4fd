-- A row for each name in $3, except those that are done already: they are not returned.
INSERT INTO table_progress (run_id, schema_name, attempt)
SELECT $1, name, $2 FROM unnest($3::text[]) AS name
ON CONFLICT (run_id, schema_name) DO UPDATE
SET attempt = excluded.attempt, state = 'pending', rows_sampled = NULL, columns = NULL,
    suggestions = NULL, error = NULL, summary = NULL, begun_at = NULL, ended_at = NULL
WHERE table_progress.state NOT IN ('completed', 'failed')
RETURNING schema_name
