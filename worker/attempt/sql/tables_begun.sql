-- Has attempt $2 at run $1 made rows for its tables?
SELECT EXISTS (SELECT FROM table_progress WHERE run_id = $1 AND attempt = $2)
