-- The suggestion that doctor has inserted in this transaction.
-- Index: suggested_quality_checks (id) of the backend.
DELETE FROM :"backend".suggested_quality_checks WHERE id = $1::text AND status = 'pending'
