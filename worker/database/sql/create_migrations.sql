-- The search_path is the worker's own schema.
CREATE TABLE IF NOT EXISTS migrations (
    number     integer PRIMARY KEY,
    kind       text NOT NULL,
    name       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
