-- The evidence for suggestions: a JSON object by the names of the columns of the view, as far as known.
CREATE TABLE evidence (
    suggestion_id text PRIMARY KEY,
    run_id        text NOT NULL,  -- the run that wrote it; a suggestion may be moved to a later one
    facts         jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
    written_at    timestamptz NOT NULL DEFAULT now()
);

CREATE VIEW suggestion_evidence AS
SELECT e.suggestion_id, e.run_id, f.*, e.written_at
FROM evidence e
CROSS JOIN LATERAL jsonb_to_record(e.facts) AS f (
    origin           text,              -- dqx, or worker
    kind             text,
    kind_reason      text,
    reason           text,
    finding          boolean,           -- proposed because a few rows break it
    confidence       double precision,
    wrong_share      double precision,  -- of the rows that a finding flags
    expected         double precision,  -- rows of the next load that fail
    rows             bigint,            -- that the check was made of
    failing          bigint,
    held_out_rows    bigint,
    held_out_failing bigint,
    most_failing     double precision,  -- share of the rows that were not looked at, at most
    random_parts     bigint,            -- made anew of random parts, so often
    random_held      bigint,
    random_rows      bigint,
    random_failing   bigint,
    in_order_parts   bigint,            -- made anew of the earlier rows, tried on the later
    in_order_held    bigint,
    in_order_rows    bigint,
    in_order_failing bigint,
    examples         text[],
    distribution     jsonb
);
