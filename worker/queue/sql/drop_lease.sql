DELETE FROM leases WHERE run_id = $1 AND token = $2
