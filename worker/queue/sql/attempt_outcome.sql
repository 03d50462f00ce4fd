SELECT outcome FROM attempts WHERE run_id = $1 AND number = $2
