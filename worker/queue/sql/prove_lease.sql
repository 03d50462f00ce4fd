-- The first proof: the token is the current one; with it whether a cancel is requested. KEY SHARE
-- lets heartbeats pass and holds off a take-over and a cancel. Index: leases (run_id).
SELECT cancel_requested FROM leases WHERE run_id = $1 AND token = $2 FOR KEY SHARE
