-- Index: data_contracts (id) of the backend.
SELECT id, name, version, status FROM :"backend".data_contracts WHERE id = $1::text
