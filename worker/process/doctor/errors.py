"""What the doctor says of its own accord, beside the errors of the rooms.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them. Those that return words are hints and remarks.
"""

from worker.database.errors import DatabaseRefused
from worker.profiling.errors import EngineError, TableError
from worker.telemetry.cures import message

__all__ = ["RootsUnusable"]


class RootsUnusable(Exception):
    """A folder of DQX_WORKER_ROOTS can't be used, or there is none."""


@message
def unforeseen() -> str:
    """The doctor met an error that it does not know.

    Cure: look it up, with `dqx-worker --traceback doctor` for where it arose; if nothing on this
    machine explains it, report it.
    """
    return "This error is not one that the worker knows"


@message
def name_unknown(host: str, variable: str) -> str:
    """No address is known for the host.

    Cure: correct the variable; where the name is right, this machine's DNS does not know it: a
    private name needs the network (VPN, private endpoint) that it belongs to, and in Docker the
    name of a service is known in its own network alone.
    """
    return f"{variable}: there is no address for the name {host}"


@message
def nothing_listens(host: str, port: object) -> str:
    """The machine answers that nothing listens at this port.

    Cure: check the port and that the server runs; a stopped Lakebase instance has to be started.
    In a container `localhost` and 127.0.0.1 are the container itself, not the machine it runs on.
    """
    return f"The connection to {host}, port {port}, is refused: nothing listens there"


@message
def silent(host: str, port: object) -> str:
    """No answer at all comes back: something drops what is sent, or what listens there hangs.

    Cure: have the way opened: firewall, security group, the workspace's list of allowed addresses,
    private link; or correct host and port. A server behind a port that is open may hang.
    """
    return f"{host}, port {port}, does not answer"


@message
def no_route(host: str) -> str:
    """This machine has no way to the network of the host.

    Cure: check this machine's network, VPN and routes, or correct the host.
    """
    return f"There is no route to {host}"


@message
def hung_up(host: str, port: object) -> str:
    """The connection was made, and then closed by the other side without a word.

    Cure: see the server's log. A proxy or load balancer with no server behind it does that, so
    does a server that restarts, or one that takes connections over TLS alone (PGSSLMODE=require).
    """
    return f"{host}, port {port}, closes the connection"


@message
def no_socket(path: str) -> str:
    """POSTGRES_HOST is a folder, for a Unix socket, and there is no socket of this port in it.

    Cure: correct the folder or POSTGRES_PORT, and see that the server runs on this machine.
    """
    return f"There is no socket of Postgres in {path}"


@message
def through_proxy(variable: str) -> str:
    """The environment sends what goes to the workspace through a proxy.

    Cure: correct the variable, or add the workspace's host to NO_PROXY.
    """
    return f"{variable} is set, and the workspace is asked through that proxy"


@message
def workspace_tls(host: str, reason: str) -> str:
    """TLS to the workspace fails: a certificate that can't be verified, or no TLS at all.

    Cure: correct DATABRICKS_HOST, scheme and port among it. Where a proxy opens TLS on the way,
    name the PEM file of its authority in REQUESTS_CA_BUNDLE.
    """
    return f"TLS to {host} fails ({reason})"


@message
def account_host(host: str) -> str:
    """DATABRICKS_HOST is the account console, which owns no database.

    Cure: set DATABRICKS_HOST to the workspace, such as https://dbc-….cloud.databricks.com or
    https://adb-….azuredatabricks.net.
    """
    return f"{host} is an account's address, not a workspace's"


@message
def dqx_without_workspace(reason: object) -> str:
    """The workspace is named, not needed to log in to Postgres, and can't be had now.

    Cure: none is needed, DQX goes on without it; unset DATABRICKS_HOST where there is none.
    """
    return f"DQX does without the workspace ({reason})"


@message
def identity_untold() -> str:
    """The workspace does not say who the worker is, and PGUSER says which role it takes.

    Cure: none is needed where the step 'token' goes well; else what that one says.
    """
    return "The role is PGUSER, whoever the workspace takes the worker for"


@message
def another_principal(user: str, principal: str) -> str:
    """PGUSER is not the name by which the workspace knows whoever asks for tokens.

    Cure: unset PGUSER unless it is a role that this identity may enter, such as a group's; the
    role of a service principal is its application id.
    """
    return f"PGUSER is {user}, and the workspace knows the worker as {principal}"


@message
def slow_workspace(seconds: object) -> str:
    """The workspace took long for a token; a worker gives up after 8 s.

    Cure: look at the network between here and DATABRICKS_HOST, and at the workspace's status.
    """
    return f"A token took {seconds} s"


@message
def no_token_end() -> str:
    """The workspace gave a token and did not say until when it is valid.

    Cure: none is needed: it is taken for one of 50 minutes.
    """
    return "The token's end was not told"


@message
def token_end_odd(seconds: object) -> str:
    """By this machine's clock the new token has ended already, or lives longer than tokens do.

    Cure: set this machine's clock right (NTP): the step 'clock' compares it to the database's.
    """
    return (
        f"By this machine's clock the token's end is {seconds} s away: one of the clocks is wrong"
    )


@message
def in_the_clear(host: str) -> str:
    """What the worker sends to another machine and reads from it is not encrypted.

    Cure: set PGSSLMODE=verify-full, with PGSSLROOTCERT, where the server speaks TLS.
    """
    return f"The connection to {host} is not encrypted"


@message
def not_verified(host: str) -> str:
    """The connection is encrypted, and the server's certificate is not held against anything.

    Cure: set PGSSLMODE=verify-full, with PGSSLROOTCERT: the PEM file of the authority, or
    `system`.
    """
    return f"Whoever answers as {host} is trusted: its certificate is not verified"


@message
def ends_soon(when: str) -> str:
    """The server's certificate will soon be over.

    Cure: have it renewed.
    """
    return f"The server's certificate ends at {when}"


@message
def wrong_password(user: str) -> str:
    """Postgres rejects the password; it says the same where there is no such role.

    Cure: correct POSTGRES_USER or POSTGRES_PASSWORD; where the role is not there:
    CREATE ROLE … LOGIN PASSWORD '…', then deploy/postgres/grants.sql. A password with VALID UNTIL
    may be over.
    """
    return f"Postgres does not take this password for the role {user}"


@message
def empty_password(user: str) -> str:
    """No password is configured, and Postgres asks for one.

    Cure: set POSTGRES_PASSWORD, or put a file of that name into the folder DQX_WORKER_SECRETS;
    for Lakebase set LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE_NAME instead.
    """
    return f"POSTGRES_PASSWORD is not set, and the role {user} needs one"


@message
def role_unfit(user: str) -> str:
    """The role is not in this Postgres, or is one that may not log in.

    Cure: CREATE ROLE … LOGIN, or ALTER ROLE … LOGIN (Lakebase: databricks_create_role), then
    deploy/postgres/grants.sql; or correct PGUSER or POSTGRES_USER.
    """
    return f"The role {user} is not there, or may not log in"


@message
def not_in_hba(host: str, user: str) -> str:
    """The server's pg_hba.conf has no line for this login, or one that rejects it.

    Cure: have a line added for this role, database, address and kind of connection; where only
    `hostssl` lines are there, set PGSSLMODE=require or stricter.
    """
    return f"pg_hba.conf of {host} does not let {user} in from here"


@message
def no_database(database: str) -> str:
    """The server has no database of this name.

    Cure: correct POSTGRES_DB (or PGDATABASE) to the backend's database, in its exact spelling.
    """
    return f"There is no database {database} on this server"


@message
def may_not_connect(database: str, user: str) -> str:
    """The role may not enter the database.

    Cure: have the database's owner run the statement.
    """
    return f'Run: GRANT CONNECT ON DATABASE "{database}" TO "{user}"'


@message
def no_connection_left() -> str:
    """The server, the database or the role has as many connections as it may have.

    Cure: end what is not needed (pg_stat_activity shows it), raise max_connections or the limit of
    the role (ALTER ROLE … CONNECTION LIMIT), or lower DQX_WORKER_POOL_SIZE of the workers; each
    takes one connection more than that.
    """
    return "No connection is left"


@message
def not_ready() -> str:
    """The server starts, stops or recovers, or takes no connections to this database.

    Cure: wait and run this again; where it lasts, see the server's log.
    """
    return "The server takes no connections just now"


@message
def pooler_refuses() -> str:
    """What answers does not take what the worker sends at the start: PgBouncer, most likely.

    Cure: connect to Postgres itself, not through a pooler in transaction mode: set POSTGRES_HOST
    and POSTGRES_PORT to the server's. The worker sets search_path and deadlines at the start of a
    connection, and needs them for as long as it lives.
    """
    return "A pooler in front of Postgres refuses the connection"


@message
def pooler_host(host: str) -> str:
    """The host is that of Lakebase's pooler, which takes no tokens.

    Cure: set POSTGRES_HOST to the same name without `-pooler`, or leave it out.
    """
    return f"{host} is a pooler"


@message
def too_few_connections(left: object, needed: object) -> DatabaseRefused:
    """A worker needs a second connection, for its heartbeat, and there is none.

    Cure: raise the limit of the role (ALTER ROLE … CONNECTION LIMIT), of the database, or
    max_connections.
    """
    return DatabaseRefused(
        f"The role may open {left} more connections, a worker needs at least {needed}"
    )


@message
def few_connections(left: object, wanted: object) -> str:
    """A worker that opens its whole pool would come to the limit of connections.

    Cure: lower DQX_WORKER_POOL_SIZE, or raise the limit of the role, of the database, or
    max_connections.
    """
    return f"The role may open {left} more connections, a worker opens up to {wanted}"


@message
def read_only(host: str) -> str:
    """The server takes no writes: a standby, or `default_transaction_read_only` is on.

    Cure: set POSTGRES_HOST to the primary (of Lakebase: the read-write host); or
    ALTER ROLE … RESET default_transaction_read_only, and the same of the database.
    """
    return f"{host} is read-only"


@message
def tables_elsewhere(schemas: str) -> str:
    """The table data_profiling_runs is in this database, in another schema than the one looked in.

    Cure: set POSTGRES_DB_SCHEMA to that schema.
    """
    return f"data_profiling_runs is in schema {schemas}"


@message
def tables_nowhere(database: str, others: str) -> str:
    """No schema of this database holds the backend's tables.

    Cure: correct POSTGRES_DB, if the backend uses another of these; else start the backend, which
    makes its tables.
    """
    return f"No schema of {database} has data_profiling_runs; other databases here: {others}"


@message
def column_missing() -> str:
    """The backend's table is there without a column that the worker reads or writes.

    Cure: bring the backend up to a version that has it, by its own migrations; the worker never
    alters the backend's tables.
    """
    return "The backend is too old for this worker, or its migrations were not run"


@message
def rows_hidden(tables: str) -> DatabaseRefused:
    """Row-level security is on and there is no policy: the role sees no row and can write none.

    Cure: CREATE POLICY … TO the worker's role, or ALTER ROLE … BYPASSRLS, or have the owner DISABLE
    ROW LEVEL SECURITY.
    """
    return DatabaseRefused(f"Row-level security hides every row of {tables}")


@message
def row_security(tables: str) -> str:
    """Row-level security applies to the worker's role: it may see or write none of the rows.

    Cure: CREATE POLICY for the role, or ALTER ROLE … BYPASSRLS, where the step 'write' fails or
    requests are not seen.
    """
    return f"Row-level security is on for {tables}"


@message
def optional_lacks(what: str) -> str:
    """An older backend lacks columns or tables that the worker does without.

    Cure: none is needed; a newer backend has them.
    """
    return f"Not there, and done without: {what}"


@message
def optional_unreadable(statement: str) -> str:
    """The worker's role may not read a table that it does without.

    Cure: none is needed; the statement gives the right.
    """
    return f"{statement};"


@message
def will_be_made(schema: str, names: str) -> str:
    """The worker's own schema is not up to date, and DQX_WORKER_MIGRATE lets the worker see to it.

    Cure: none is needed: `dqx-worker run` does it, or `dqx-worker migrate` before that.
    """
    return f"{schema} will get {names} at the next start"


@message
def schema_of_another(schema: str, owner: str, role: str) -> str:
    """The worker's own schema is there and belongs to another role.

    Cure: have that role give the right with the statement below, or name another schema in
    DQX_WORKER_SCHEMA.
    """
    return f"The schema {schema} belongs to {owner}, not to {role}"


@message
def tables_of_another(owner: str, role: str) -> str:
    """Only the owner of tables may alter them, and the worker's own belong to another role.

    Cure: run `dqx-worker migrate` as that role, or hand the tables over (REASSIGN OWNED).
    """
    return f"The worker's own tables belong to {owner}, not to {role}"


@message
def own_tables_gone(schema: str, tables: str) -> DatabaseRefused:
    """The worker's own schema counts as up to date, and tables of it are not there.

    Cure: where nothing runs: DROP SCHEMA … CASCADE, then `dqx-worker migrate`. What the worker
    knows of unfinished runs is lost with it; the backend's tables are not touched.
    """
    return DatabaseRefused(f"The schema {schema} lacks {tables}, which its migrations made")


@message
def search_path_lost(effective: str, asked: str) -> DatabaseRefused:
    """The connection has not the search_path that the worker asked for at its start.

    A pooler that ignores parameters at the start of a connection does that.

    Cure: connect to Postgres itself instead of a pooler (PgBouncer in transaction mode): correct
    POSTGRES_HOST and POSTGRES_PORT.
    """
    return DatabaseRefused(f"search_path is {effective}, and {asked} was asked for")


@message
def shadowed(table: str, schema: str, wanted: str) -> DatabaseRefused:
    """A table of the same name in another schema hides the one that the worker means.

    Cure: rename or drop that table, or choose another DQX_WORKER_SCHEMA.
    """
    return DatabaseRefused(f"{table} means the one in schema {schema}, not in {wanted}")


@message
def deadlines_lost(names: str) -> str:
    """Deadlines that the worker asked for at the start of the connection are not in effect.

    A pooler ignores them. A worker that freezes in a transaction would hold its locks.

    Cure: connect to Postgres itself instead of a pooler, or set them for the role:
    ALTER ROLE … SET statement_timeout = ….
    """
    return f"Not in effect: {names}"


@message
def clocks_differ(seconds: object) -> str:
    """This machine's clock and the database's differ.

    Cure: set this machine's clock (NTP). Leases and times go by the database's clock alone; this
    machine's counts for the end of tokens and of certificates.
    """
    return f"This machine's clock is {seconds} s off the database's"


@message
def engine_silent(seconds: object) -> EngineError:
    """The Spark session was not there in time.

    Cure: see that the machine is not overloaded and has memory left; in a Databricks job look at
    its compute; then run this again.
    """
    return EngineError(f"Spark did not start within {seconds} s")


@message
def no_temporary_folder(reason: object) -> EngineError:
    """Spark and the worker write temporary files, and no folder for them can be written to.

    Cure: give the process a /tmp that it may write to (in Docker `--tmpfs /tmp`), or set TMPDIR.
    """
    return EngineError(f"No temporary folder: {reason}")


@message
def heap_too_small(memory: str) -> str:
    """The Java of the embedded Spark ended because its heap is too small.

    Cure: raise DQX_WORKER_SPARK_MEMORY: 512m at least, 2g by default.
    """
    return f"DQX_WORKER_SPARK_MEMORY={memory} is too small for Spark"


@message
def heap_too_large(memory: str) -> str:
    """Java could not get the heap that it was told to take.

    Cure: lower DQX_WORKER_SPARK_MEMORY, or give the machine or container more memory.
    """
    return f"DQX_WORKER_SPARK_MEMORY={memory} is more than this machine gives"


@message
def dqx_unverified(version: str, verified: str) -> str:
    """The worker was not tried with the installed version of DQX.

    Cure: install a verified version, with `pip install 'databricks-labs-dqx==…'`; or try this one
    on a run that does not count first.
    """
    return f"DQX {version} is not verified; verified: {verified}"


@message
def no_dqx(reason: object) -> EngineError:
    """DQX, or a package that it needs, is not installed or can't be loaded.

    Cure: install the worker anew, in an environment of its own: `pip install 'dqx-worker[local]'`.
    """
    return EngineError(f"DQX can't be loaded: {reason}")


@message
def no_folder_open() -> RootsUnusable:
    """The engine `local` reads files alone, and no folder is open to the worker.

    Cure: set DQX_WORKER_ROOTS to the folders whose files may be profiled, separated like PATH.
    """
    return RootsUnusable("DQX_WORKER_ROOTS is not set: no file may be profiled")


@message
def root_missing(root: object) -> RootsUnusable:
    """A folder of DQX_WORKER_ROOTS is not there.

    Cure: correct DQX_WORKER_ROOTS, or mount the folder at that path; in a container paths are the
    container's. Several folders are separated like PATH, with a colon.
    """
    return RootsUnusable(f"DQX_WORKER_ROOTS: there is no folder {root}")


@message
def root_unreadable(root: object, user: object) -> RootsUnusable:
    """The user that the worker runs as may not enter or list a folder of DQX_WORKER_ROOTS.

    Cure: give that user (10001 in the image) the right to read it: `chmod o+rx`, or its group.
    """
    return RootsUnusable(f"DQX_WORKER_ROOTS: the user {user} may not read {root}")


@message
def none_allowed(count: object, example: object) -> TableError:
    """Contracts name tables, and none of them may be profiled with these settings.

    Cure: open them with DQX_WORKER_TABLES, or DQX_WORKER_ROOTS for files; or correct the contracts'
    physical names.
    """
    return TableError(f"None of {count} tables of contracts may be profiled, such as: {example}")


@message
def some_unreadable(example: object) -> str:
    """Another table that a contract names may be profiled and can't be read.

    Cure: that of the table's own error: correct the schema's physical name, or the table.
    """
    return f"Another table can't be read: {example}"


@message
def table_silent(name: object, seconds: object) -> TableError:
    """The first row of a table did not come in time.

    Cure: look at the storage behind the table and at the engine's load; profiling it would take
    longer still.
    """
    return TableError(f"{name} did not give a row within {seconds} s")


@message
def no_ended_run() -> str:
    """There is no run of the past to try the writes to the backend's tables on.

    Cure: none is needed: run this again after the first run has ended. The step 'rights' has asked
    Postgres whether they are allowed.
    """
    return "No ended run is there: only the worker's own tables were written to"


@message
def write_refused() -> str:
    """A trigger or a rule of the backend's tables refused a write that the role has the right to.

    Cure: see the message of the trigger, and have it let the worker's role write.
    """
    return "A trigger of the table says no"


@message
def nothing_written(what: str) -> DatabaseRefused:
    """A write went through and changed no row: row-level security, a trigger or a rule took it.

    Cure: give the role a policy (CREATE POLICY) or BYPASSRLS; look for BEFORE triggers that return
    NULL and for rules.
    """
    return DatabaseRefused(f"{what} changed no row")


@message
def policy_refuses() -> str:
    """The right is there, and row-level security or an own check of the table still refuses.

    Cure: CREATE POLICY for the worker's role, or ALTER ROLE … BYPASSRLS. Where it is a function of
    a trigger that lacks a right, GRANT that, or make it SECURITY DEFINER.
    """
    return "Row-level security or a trigger's function refuses the write"


@message
def constraint_refuses() -> str:
    """A constraint of the backend's table does not take what the worker writes.

    Cure: give a column that the worker does not fill a default, or drop NOT NULL; have a CHECK
    allow the worker's values. A backend that is newer than the worker needs a newer worker.
    """
    return "A constraint of the table says no"


@message
def in_the_way() -> str:
    """Another transaction held a lock for longer than the worker waits.

    Cure: none is needed where it is rare: the worker tries again. pg_locks shows who holds it; a
    transaction that is left open has to be ended.
    """
    return "Somebody else holds a lock"


@message
def disk_full() -> str:
    """The server has no space left to write to.

    Cure: free or add space on the server's disk.
    """
    return "The server's disk is full"


@message
def too_slow() -> str:
    """A small statement was not done before its deadline.

    Cure: see what the database is busy with (pg_stat_activity), and the network to it.
    """
    return "The database is slower than the worker waits for"


@message
def relation_missing() -> str:
    """A table, a column or a function is not there, or not in the search_path.

    Cure: see the steps 'rights' and 'search path'; run `dqx-worker migrate` for the worker's own.
    """
    return "Something that the worker uses is not there"


@message
def settings_ignored(variables: str) -> str:
    """Variables for a password are set beside a LAKEBASE_ one, and are ignored.

    Cure: unset them; or the LAKEBASE_ variable, where the password is meant.
    """
    return f"Ignored, as the login is a token's: {variables}"


@message
def any_table(engine: str) -> str:
    """Whoever edits a contract may have any table read that the worker's identity may read.

    Cure: name the tables that may be profiled in DQX_WORKER_TABLES, such as `main.sales.*`.
    """
    return f"The engine {engine} and DQX_WORKER_TABLES=* read any table"
