-- What is in effect of what the worker asks for at the start of a connection; times in ms.
SELECT current_setting('search_path') AS search_path,
       (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout')
           AS statement_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout') AS lock_timeout,
       (SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
           AS idle_in_transaction_session_timeout
