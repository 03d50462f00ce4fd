-- Pauses ($1 true) or resumes claiming for all workers, in the name of $2, for the reason $3. Changes
-- and returns nothing if it stands so already: the first pause's words stay.
INSERT INTO claiming AS c (paused, changed_by, reason) VALUES ($1, $2, $3)
ON CONFLICT (one_row) DO UPDATE
SET paused = excluded.paused, changed_by = excluded.changed_by, reason = excluded.reason,
    changed_at = clock_timestamp()
WHERE c.paused <> excluded.paused
RETURNING true
