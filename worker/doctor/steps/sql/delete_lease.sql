DELETE FROM leases WHERE run_id = $1
