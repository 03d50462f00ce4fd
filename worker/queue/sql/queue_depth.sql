-- How many requests wait, for how long the oldest has, how many runs are in work, and how many of
-- those that are running no worker holds; and whether claiming is paused. The backend's dates depend
-- on the time zone of its session: a request waits from its first sight by a worker, unless it came
-- while no worker looked. The view queue_status counts the same, and estimates more: this is asked
-- every few seconds.
-- Indexes: data_profiling_runs (status) of the backend; requests_seen (run_id); leases (run_id).
SELECT count(*) FILTER (WHERE r.status = 'pending') AS waiting,
       coalesce(max(now() - coalesce(s.waits_since, s.first_seen)), '0') AS oldest,
       count(l.run_id) AS in_work,
       count(*) FILTER (WHERE r.status = 'running' AND l.run_id IS NULL) AS without_lease,
       EXISTS (SELECT FROM claiming WHERE paused) AS paused
FROM :"backend".data_profiling_runs r
LEFT JOIN requests_seen s ON s.run_id = r.id AND r.status = 'pending'
LEFT JOIN leases l ON l.run_id = r.id AND r.status = 'running'
WHERE r.source = 'dqx'
  AND r.status IN ('pending', 'running') AND (r.status = 'running' OR r.run_id IS NULL)
