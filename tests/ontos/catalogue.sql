-- The columns of the backend's tables in schema public as Postgres describes them, a line each.
SELECT format('%s.%s %s%s%s%s%s', c.relname, a.attname,
              replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'),
              CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
              (SELECT ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
               FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum),
              (SELECT CASE WHEN bool_or(i.indisprimary) THEN ' PRIMARY KEY' ELSE ' INDEX' END
               FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey::text = a.attnum::text
               HAVING count(*) > 0),
              (SELECT format(' REFERENCES %s ON DELETE %s', f.confrelid::regclass,
                             CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' END)
               FROM pg_constraint f
               WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum])) AS line
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
ORDER BY c.relname, a.attname
