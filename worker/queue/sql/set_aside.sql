-- Notes for request $1 an attempt of worker $2 that could not begin for the reason $3, does not count,
-- and has a back-off: $4, doubled with every attempt, one hour at most. Returns its number and the back-off.
-- Index: attempts (run_id, number).
WITH last AS (
    SELECT number, outcome, tries, counts FROM attempts
    WHERE run_id = $1 ORDER BY number DESC LIMIT 1
)
INSERT INTO attempts
    (run_id, number, worker, tries, ended_at, outcome, reason, counts, not_before)
SELECT $1, coalesce(a.number, 0) + 1, $2,
       CASE WHEN a.outcome IN ('given_back', 'postponed', 'expired')
            THEN a.tries + a.counts::integer ELSE 1 END,
       now(), 'given_back', $3, false,
       now() + least($4::interval * 2 ^ least(coalesce(a.number, 0), 10), interval '1 hour')
FROM (SELECT) one LEFT JOIN last a ON true
ON CONFLICT (run_id, number) DO NOTHING
RETURNING number, not_before - ended_at AS wait
