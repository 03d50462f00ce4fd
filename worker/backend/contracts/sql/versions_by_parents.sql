-- The versions of contract $1, itself among them, on a backend whose contracts name their parent
-- alone: all that have an ancestor in common with it. UNION ends at parents that form a circle;
-- OFFSET 0 has each step look up the index, however many contracts Postgres expects it to find.
-- Indexes: data_contracts (id), (parent_contract_id) of the backend.
WITH RECURSIVE ancestors AS (
    SELECT id, version, parent_contract_id FROM :"backend".data_contracts WHERE id = $1::text
    UNION
    SELECT parent.*
    FROM ancestors a
    CROSS JOIN LATERAL (
        SELECT c.id, c.version, c.parent_contract_id
        FROM :"backend".data_contracts c WHERE c.id = a.parent_contract_id OFFSET 0
    ) parent
), versions AS (
    SELECT id, version FROM ancestors
    UNION
    SELECT child.*
    FROM versions v
    CROSS JOIN LATERAL (
        SELECT c.id, c.version FROM :"backend".data_contracts c
        WHERE c.parent_contract_id = v.id OFFSET 0
    ) child
)
SELECT id, version FROM versions
