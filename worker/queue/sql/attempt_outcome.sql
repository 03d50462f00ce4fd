SELECT outcome, reason FROM attempts WHERE run_id = $1 AND number = $2
