-- Which of the schema objects $1 are gone. Index: data_contract_schema_objects (id) of the backend.
SELECT w.id FROM unnest($1::text[]) AS w (id)
WHERE NOT EXISTS (SELECT FROM data_contract_schema_objects o WHERE o.id = w.id)
