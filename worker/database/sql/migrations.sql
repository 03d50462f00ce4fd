SELECT number, kind, name FROM migrations ORDER BY number
