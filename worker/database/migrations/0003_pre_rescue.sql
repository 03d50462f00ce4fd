-- What it takes to take over the runs of a worker that died, and to cancel one.

ALTER TABLE attempts DROP CONSTRAINT attempts_outcome_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_outcome_check CHECK (outcome IN
    ('completed', 'failed', 'cancelled', 'given_back', 'postponed', 'expired', 'overruled'));

-- How many attempts that count the run has had since it last ended or was overruled,
-- this one included.
ALTER TABLE attempts ADD COLUMN tries integer NOT NULL DEFAULT 1;

-- The run's next attempt is its last, and an earlier one has cost a worker: it is made alone.
ALTER TABLE attempts ADD COLUMN next_alone boolean NOT NULL DEFAULT false;

-- When the lease was last renewed: one that the database's own restart ended costs no try.
ALTER TABLE leases ADD COLUMN renewed_at timestamptz NOT NULL DEFAULT clock_timestamp();
-- Its worker takes nothing beside it.
ALTER TABLE leases ADD COLUMN alone boolean NOT NULL DEFAULT false;

CREATE INDEX leases_expires_at ON leases (expires_at);
CREATE INDEX leases_worker ON leases (worker);
CREATE INDEX attempts_ended_at ON attempts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX workers_last_seen ON workers (last_seen);
