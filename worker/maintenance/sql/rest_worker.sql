-- Notes that worker $1 rests: it is not heard from for $2. Index: workers (id).
UPDATE workers SET last_seen = clock_timestamp(), silent_after = silent_after + $2::interval WHERE id = $1
