-- The share of the errors that a check catches of those that were put into its column by way of trial.
CREATE OR REPLACE VIEW suggestion_evidence AS
SELECT e.suggestion_id, e.run_id, f.origin, f.kind, f.kind_reason, f.reason, f.finding,
       f.confidence, f.wrong_share, f.expected, f.rows, f.failing, f.held_out_rows,
       f.held_out_failing, f.most_failing, f.random_parts, f.random_held, f.random_rows,
       f.random_failing, f.in_order_parts, f.in_order_held, f.in_order_rows, f.in_order_failing,
       f.examples, f.distribution,
       e.written_at, f.catches
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
    distribution     jsonb,
    catches          double precision   -- share of the errors that were tried
);
