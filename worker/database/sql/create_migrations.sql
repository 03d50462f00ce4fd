-- The first schema of the search_path is the worker's own.
CREATE TABLE IF NOT EXISTS migrations (
    number     integer PRIMARY KEY,
    kind       text NOT NULL,
    name       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
