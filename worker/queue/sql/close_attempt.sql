-- $6: the run is not to be tried again for so long; $7: and then in a process of its own.
UPDATE attempts
SET ended_at = clock_timestamp(), outcome = $3, reason = $4, counts = $5,
    not_before = clock_timestamp() + nullif($6::interval, '0'), next_alone = $7
WHERE run_id = $1 AND number = $2 AND ended_at IS NULL
