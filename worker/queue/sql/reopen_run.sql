UPDATE data_profiling_runs SET status = 'pending' WHERE id = $1
