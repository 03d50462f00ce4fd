-- Why the last $2 attempts at run $1 that counted did not end it, in their order.
-- Index: attempts (run_id, number).
SELECT number, reason FROM (
    SELECT number, reason FROM attempts
    WHERE run_id = $1 AND counts AND reason IS NOT NULL ORDER BY number DESC LIMIT $2
) last ORDER BY number
