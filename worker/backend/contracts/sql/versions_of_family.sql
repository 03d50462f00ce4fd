-- The versions of contract $1, itself among them.
-- Indexes: data_contracts (id), (version_family_id) of the backend.
SELECT c.id, c.version
FROM :"backend".data_contracts own
JOIN :"backend".data_contracts c ON c.version_family_id = own.version_family_id
WHERE own.id = $1::text
