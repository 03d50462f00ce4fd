-- How attempt $2 at run $1 ended, if it has. Index: attempts (run_id, number).
SELECT outcome, reason FROM attempts WHERE run_id = $1 AND number = $2
