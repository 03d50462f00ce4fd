-- Whether the role may read and write options of runs. They count as absent if the role may not use
-- their schema.
SELECT coalesce(has_table_privilege(to_regclass('run_options'), 'SELECT')
                AND has_table_privilege(to_regclass('run_options'), 'INSERT'), false)
