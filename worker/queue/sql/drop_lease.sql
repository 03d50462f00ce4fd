-- The last statement of an attempt: drops nothing if a cancel came first, unless it is the
-- cancel ($3) that ends it.
DELETE FROM leases WHERE run_id = $1 AND token = $2 AND (cancel_requested IS NULL OR $3)
