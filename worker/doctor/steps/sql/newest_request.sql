-- The newest request, with the seconds from its date to when a worker first saw it (or to now, if none
-- has). The backend has no index by time, so its table is read whole.
SELECT r.id, s.seen IS NOT NULL AS seen,
       extract(epoch FROM coalesce(s.seen, clock_timestamp()) - r.started_at)::float AS late_s
FROM :"backend".data_profiling_runs r
LEFT JOIN LATERAL (
    SELECT min(at) AS seen FROM (
        SELECT first_seen AS at FROM requests_seen WHERE run_id = r.id
        UNION ALL
        SELECT begun_at FROM attempts WHERE run_id = r.id
    ) times
) s ON true
WHERE r.source = 'dqx' AND isfinite(r.started_at)
ORDER BY r.started_at DESC, r.id LIMIT 1
