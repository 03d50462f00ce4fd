SELECT pg_advisory_xact_lock(hashtextextended('dqx-worker migrate ' || $1::text, 0))
