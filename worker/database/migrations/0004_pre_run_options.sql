-- What a backend wants otherwise for a run: it writes the row before the run's, or with it.
CREATE TABLE run_options (
    run_id     text PRIMARY KEY,
    options    jsonb NOT NULL CHECK (jsonb_typeof(options) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now()
);
