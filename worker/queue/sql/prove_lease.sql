-- The first proof: the token is the current one. KEY SHARE lets heartbeats pass and holds off a
-- take-over. Index: leases (run_id).
SELECT true FROM leases WHERE run_id = $1 AND token = $2 FOR KEY SHARE
