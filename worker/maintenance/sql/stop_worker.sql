-- Notes that worker $1 has stopped. Index: workers (id).
UPDATE workers SET stopped_at = clock_timestamp() WHERE id = $1
