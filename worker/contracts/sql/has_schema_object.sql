-- Index: data_contract_schema_objects (id) of the backend.
SELECT EXISTS (SELECT FROM data_contract_schema_objects WHERE id = $1)
