DELETE FROM suggested_quality_checks WHERE id = $1
