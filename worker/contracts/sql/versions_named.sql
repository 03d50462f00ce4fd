-- Whether the worker may read the backend's contracts, and which columns lead to their other
-- versions: an older backend may lack each of them.
SELECT coalesce(has_table_privilege(to_regclass('data_contracts'), 'SELECT'), false) AS readable,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = to_regclass('data_contracts') AND NOT attisdropped
               AND attname IN ('version_family_id', 'parent_contract_id')) AS columns
