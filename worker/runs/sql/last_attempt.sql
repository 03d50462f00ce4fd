-- How the last attempt at run $1 stands. Index: attempts (run_id, number), below the view.
SELECT attempt, worker, phase, tables_done, tables_total, percent, last_error
FROM run_status WHERE run_id = $1
