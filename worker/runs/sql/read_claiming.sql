-- Whether claiming is paused, and who changed that last, when and why.
SELECT paused, changed_by, changed_at, reason FROM claiming
