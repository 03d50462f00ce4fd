-- The state of the queue, one row. What it reads is below the view.
SELECT waiting, oldest_waiting, in_work, without_lease, workers_alive, workers_silent, slots,
       claiming_paused, ended_per_minute, time_left, paused_by, paused_for, pause_reason
FROM queue_status
