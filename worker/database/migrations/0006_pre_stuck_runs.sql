-- Runs whose end Postgres refuses, and leases whose rescue fails.

ALTER TABLE attempts DROP CONSTRAINT attempts_outcome_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_outcome_check CHECK (outcome IN
    ('completed', 'failed', 'cancelled', 'given_back', 'postponed', 'expired', 'overruled',
     'stuck'));

-- How often a rescue of the lease has failed for another reason than an outage.
ALTER TABLE leases ADD COLUMN failed_rescues integer NOT NULL DEFAULT 0;
