-- A text that is another one as soon as a table of run $1 stands differently.
SELECT md5(string_agg(concat_ws(' ', schema_name, attempt, state, ended_at), ','
                      ORDER BY schema_name))
FROM table_progress WHERE run_id = $1
