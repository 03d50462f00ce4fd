"""Databases that are set up wrongly in one way each, and the words that lead to the cure."""

from dataclasses import replace

from tests.support.doctor import Case
from worker.cli.exit_codes import ExitCode

__all__ = ["ALL_CASES", "PASSWORD", "RUNS", "SUGGESTIONS"]

CONFIGURATION, DATABASE, SCHEMA = (
    ExitCode.CONFIGURATION,
    ExitCode.DATABASE,
    ExitCode.SCHEMA_VERSION,
)
PASSWORD = "a-password-of-the-case"  # noqa: S105


def settings(name: str, step: str, code: ExitCode, *words: str, **changes: str) -> Case:
    return Case(name, step, code, words, changes)


def broken(name: str, step: str, code: ExitCode, sql: str, *words: str, **changes: str) -> Case:
    return Case(name, step, code, words, changes, sql)


def lacking(right: str, grant: str) -> Case:
    """A right that the role does not have is shown as the statement that grants it."""
    table = right.rpartition(" ")[2]
    return broken(
        f"no {right}",
        "rights",
        DATABASE,
        f"REVOKE {right} FROM dqx_worker",
        f"GRANT {grant} ON public.{table} TO dqx_worker;",
        "grants.sql",
    )


def another_role(name: str, code: ExitCode, sql: str, *words: str) -> Case:
    """A role of the case's own with the worker's rights, since roles belong to no database."""
    role = name.replace(" ", "_")
    made = f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' IN ROLE dqx_worker;"
    return broken(
        name,
        "connect",
        code,
        made + sql.format(role=role),
        *words,
        POSTGRES_USER=role,
        POSTGRES_PASSWORD=PASSWORD,
    )


TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
CREATE {kind} TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}();
"""
SUGGESTIONS, RUNS = "suggested_quality_checks", "data_profiling_runs"

WRONG_SETTINGS = [
    settings(
        "a wrong password",
        "connect",
        DATABASE,
        "POSTGRES_PASSWORD",
        POSTGRES_PASSWORD="wrong-password-1234",
    ),
    settings(
        "no password", "connect", DATABASE, "POSTGRES_PASSWORD is not set", POSTGRES_PASSWORD=""
    ),
    settings(
        "a role that was not created", "connect", DATABASE, "CREATE ROLE", POSTGRES_USER="nobody"
    ),
    settings("no such database", "connect", DATABASE, "POSTGRES_DB", POSTGRES_DB="ontoz"),
    settings(
        "another database",
        "rights",
        DATABASE,
        "No schema of postgres has data_profiling_runs; other databases here:",
        "correct POSTGRES_DB",
        POSTGRES_DB="postgres",
    ),
    settings(
        "another schema",
        "rights",
        DATABASE,
        "data_profiling_runs is in schema public: set PGSCHEMA or POSTGRES_DB_SCHEMA",
        POSTGRES_DB_SCHEMA="ontos",
    ),
    settings(
        "a name that nobody knows",
        "connect",
        DATABASE,
        "POSTGRES_HOST: there is no address for the name",
        POSTGRES_HOST="nonexistent.invalid",
    ),
    settings(
        "a URL for a host",
        "settings",
        CONFIGURATION,
        "the port belongs in POSTGRES_PORT",
        POSTGRES_HOST="postgresql://me:a-secret-in-a-url@db/x",
    ),
    settings(
        "a port in the host", "settings", CONFIGURATION, "POSTGRES_PORT", POSTGRES_HOST="db:5432"
    ),
    settings("a closed port", "connect", DATABASE, "nothing listens there", POSTGRES_PORT="1"),
    settings(
        "a server that does not answer",
        "connect",
        DATABASE,
        "does not answer",
        "firewall",
        POSTGRES_PORT="{silent}",
        DQX_WORKER_CONNECT_TIMEOUT="1s",
    ),
    settings(
        "a server that is not Postgres",
        "tls",
        DATABASE,
        "correct POSTGRES_HOST and POSTGRES_PORT",
        POSTGRES_PORT="{web}",
    ),
    settings("a server without TLS", "tls", DATABASE, "ssl = on", PGSSLMODE="require"),
    settings("no authorities named", "tls", DATABASE, "set PGSSLROOTCERT", PGSSLMODE="verify-full"),
    settings(
        "authorities that are not there",
        "tls",
        DATABASE,
        "correct PGSSLROOTCERT",
        PGSSLMODE="verify-full",
        PGSSLROOTCERT="/nowhere/ca.pem",
    ),
    settings(
        "a misspelt variable",
        "settings",
        CONFIGURATION,
        "DQX_WORKER_SLOT is not a setting (did you mean DQX_WORKER_SLOTS?)",
        "DQX_WORKER_LEASE: a duration",
        DQX_WORKER_SLOT="2",
        DQX_WORKER_LEASE="soon",
    ),
    settings(
        "no folder of secrets", "settings", CONFIGURATION, "mount it", DQX_WORKER_SECRETS="/nowhere"
    ),
    settings(
        "tables not named",
        "settings",
        CONFIGURATION,
        "name the tables",
        DQX_WORKER_ENGINE="runtime",
    ),
    settings(
        "no own schema and no right to make it",
        "own schema",
        SCHEMA,
        "CREATE SCHEMA other; GRANT USAGE, CREATE ON SCHEMA other TO dqx_worker;",
        "run `dqx-worker migrate`",
        DQX_WORKER_SCHEMA="other",
    ),
    settings(
        "an own schema that the worker may not make",
        "own schema",
        DATABASE,
        "CREATE SCHEMA other; GRANT USAGE, CREATE ON SCHEMA other TO dqx_worker;",
        DQX_WORKER_SCHEMA="other",
        DQX_WORKER_MIGRATE="true",
    ),
    settings(
        "a pooler that drops the search_path",
        "search path",
        DATABASE,
        "connect to Postgres itself",
        POSTGRES_PORT="{dropping}",
    ),
    settings(
        "a pooler that drops deadlines alone",
        "search path",
        ExitCode.SUCCESS,
        "statement_timeout (it is 0 ms)",
        "connect to Postgres itself",
        POSTGRES_PORT="{forgetful}",
    ),
    settings(
        "a pooler that refuses parameters",
        "connect",
        DATABASE,
        "connect to Postgres itself",
        POSTGRES_PORT="{refusing}",
    ),
    settings(
        "no roots",
        "roots",
        CONFIGURATION,
        "set DQX_WORKER_ROOTS to the folders",
        DQX_WORKER_ROOTS="",
    ),
    settings(
        "roots that are not there",
        "roots",
        CONFIGURATION,
        "mount the folder",
        DQX_WORKER_ROOTS="/nowhere",
    ),
    settings(
        "a table that no root holds",
        "table",
        ExitCode.RUN_FAILED,
        "move the file below a folder of DQX_WORKER_ROOTS",
        DQX_WORKER_ROOTS="/usr/share",
    ),
]
BROKEN = [
    lacking("SELECT ON data_contract_schema_objects", "SELECT"),
    lacking("SELECT ON data_contract_schema_properties", "SELECT"),
    lacking(f"SELECT ON {RUNS}", "SELECT"),
    lacking(f"SELECT ON {SUGGESTIONS}", "SELECT"),
    lacking(
        f"UPDATE (summary_stats) ON {RUNS}",
        "UPDATE (status, summary_stats, completed_at, error_message)",
    ),
    lacking(f"INSERT ON {SUGGESTIONS}", "INSERT"),
    lacking(f"DELETE ON {SUGGESTIONS}", "DELETE"),
    broken(
        "no USAGE of the backend's schema",
        "rights",
        DATABASE,
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC, dqx_worker",
        "GRANT USAGE ON SCHEMA public TO dqx_worker;",
    ),
    broken(
        "a missing table",
        "rights",
        DATABASE,
        "DROP TABLE data_contract_schema_properties CASCADE",
        "migrations",
    ),
    broken(
        "a missing column and a missing right",
        "rights",
        DATABASE,
        f"ALTER TABLE {SUGGESTIONS} DROP COLUMN rationale; REVOKE DELETE ON {SUGGESTIONS}"
        " FROM dqx_worker",
        "bring the backend up to a version that has it",
        f"GRANT DELETE ON public.{SUGGESTIONS} TO dqx_worker;",
    ),
    broken(
        "optional columns that an older backend lacks",
        "columns",
        ExitCode.SUCCESS,
        "ALTER TABLE data_contract_schema_properties DROP COLUMN classification;"
        "DROP TABLE data_contract_quality_checks",
        "data_contract_schema_properties.classification",
        "data_contract_quality_checks",
        "none is needed",
    ),
    broken(
        "contracts that may not be read",
        "columns",
        ExitCode.SUCCESS,
        "REVOKE SELECT ON data_contracts FROM dqx_worker",
        "GRANT SELECT ON public.data_contracts TO dqx_worker;",
        "have its owner run the statement",
    ),
    broken(
        "row-level security without a policy",
        "rights",
        DATABASE,
        f"ALTER TABLE {RUNS} ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY",
    ),
    broken(
        "row-level security that refuses a write",
        "write",
        DATABASE,
        f"ALTER TABLE {SUGGESTIONS} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY reading ON {SUGGESTIONS} FOR SELECT USING (true)",
        "CREATE POLICY",
    ),
    broken(
        "row-level security that hides a row from an update",
        "write",
        DATABASE,
        f"ALTER TABLE {RUNS} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY reading ON {RUNS} FOR SELECT USING (true);"
        f"CREATE POLICY locking ON {RUNS} FOR UPDATE USING (current_query() LIKE '%FOR NO KEY%')",
        "CREATE POLICY",
    ),
    broken(
        "a trigger that refuses an update",
        "write",
        DATABASE,
        TRIGGER.format(
            name="refuse", body="RAISE 'not by you';", kind="", when=f"BEFORE UPDATE ON {RUNS}"
        ),
        "trigger",
    ),
    broken(
        "a trigger that swallows an insert",
        "write",
        DATABASE,
        TRIGGER.format(
            name="lose", body="RETURN NULL;", kind="", when=f"BEFORE INSERT ON {SUGGESTIONS}"
        ),
        "BEFORE triggers that return",
    ),
    broken(
        "a trigger that refuses at the commit",
        "write",
        DATABASE,
        TRIGGER.format(
            name="late",
            body="RAISE 'not by you';",
            kind="CONSTRAINT",
            when=f"AFTER INSERT ON {SUGGESTIONS} DEFERRABLE INITIALLY DEFERRED",
        ),
        "trigger",
    ),
    broken(
        "a column that the worker does not fill",
        "rights",
        SCHEMA,
        f"ALTER TABLE {SUGGESTIONS} ADD COLUMN tenant varchar NOT NULL",
        "have the backend give it a default",
    ),
    broken(
        "ids of another type",
        "write",
        DATABASE,
        f"ALTER TABLE {SUGGESTIONS} ALTER COLUMN id TYPE integer USING hashtext(id)",
        "compare the backend's tables with the types",
    ),
    broken(
        "a database that is read-only",
        "write",
        DATABASE,
        "ALTER ROLE dqx_worker IN DATABASE {database} SET default_transaction_read_only = on",
        "POSTGRES_HOST to the primary",
        "RESET default_transaction_read_only",
    ),
    broken(
        "an older own schema",
        "own schema",
        SCHEMA,
        "DELETE FROM dqx_worker.migrations WHERE number = (SELECT max(number) FROM"
        " dqx_worker.migrations)",
        "run `dqx-worker migrate`",
    ),
    broken(
        "a newer own schema",
        "own schema",
        SCHEMA,
        "INSERT INTO dqx_worker.migrations VALUES (9001, 'post', '9001_post_x.sql')",
        "install the version that made them",
    ),
    broken(
        "an own schema of another role",
        "own schema",
        DATABASE,
        "CREATE SCHEMA taken AUTHORIZATION backend",
        "The schema taken belongs to backend, not to dqx_worker",
        "GRANT USAGE, CREATE ON SCHEMA taken TO dqx_worker;",
        DQX_WORKER_SCHEMA="taken",
    ),
    broken(
        "an older own schema whose tables are another role's",
        "own schema",
        SCHEMA,
        "DELETE FROM dqx_worker.migrations WHERE number > 1;"
        "ALTER TABLE dqx_worker.migrations OWNER TO backend;"
        "GRANT SELECT ON dqx_worker.migrations TO dqx_worker",
        "run `dqx-worker migrate` as that role",
        DQX_WORKER_MIGRATE="true",
    ),
    broken(
        "an own schema of another backend",
        "own schema",
        SCHEMA,
        "UPDATE dqx_worker.installation SET backend_schema = 'elsewhere'",
        "correct PGSCHEMA or POSTGRES_DB_SCHEMA",
    ),
    broken(
        "an own schema that is made at the start",
        "own schema",
        ExitCode.SUCCESS,
        "GRANT CREATE ON DATABASE {database} TO dqx_worker",
        "other will get 0001_pre_tables.sql",
        DQX_WORKER_SCHEMA="other",
        DQX_WORKER_MIGRATE="true",
    ),
    broken(
        "an own table that was dropped",
        "search path",
        DATABASE,
        "DROP TABLE dqx_worker.table_progress CASCADE",
        "`dqx-worker migrate`",
    ),
    broken(
        "a right on an own table that was taken",
        "rights",
        DATABASE,
        "REVOKE INSERT ON dqx_worker.leases FROM dqx_worker",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON dqx_worker.leases TO dqx_worker;",
    ),
    broken(
        "a backend's schema that every role may create in",
        "search path",
        ExitCode.SUCCESS,
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "PUBLIC may create in the backend's schema public; "
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ),
    broken(
        "a pooler that drops what a setting of the role makes up for",
        "search path",
        ExitCode.SUCCESS,
        "ALTER ROLE dqx_worker IN DATABASE {database} SET search_path = dqx_worker",
        "statement_timeout (it is 0 ms)",
        POSTGRES_PORT="{dropping}",
    ),
    broken(
        "an own schema that another role may create in",
        "search path",
        ExitCode.SUCCESS,
        "GRANT CREATE ON SCHEMA dqx_worker TO pg_monitor",
        "pg_monitor may create in the worker's own schema dqx_worker; "
        "REVOKE CREATE ON SCHEMA dqx_worker FROM pg_monitor",
    ),
    another_role(
        "a role without login", DATABASE, "ALTER ROLE {role} NOLOGIN", "ALTER ROLE … LOGIN"
    ),
    another_role(
        "a role without connections",
        DATABASE,
        "ALTER ROLE {role} CONNECTION LIMIT 0",
        "ALTER ROLE … CONNECTION LIMIT",
    ),
    another_role(
        "a role with one connection",
        DATABASE,
        "ALTER ROLE {role} CONNECTION LIMIT 1",
        "ALTER ROLE … CONNECTION LIMIT",
    ),
    another_role(
        "a role with few connections",
        ExitCode.SUCCESS,
        "ALTER ROLE {role} CONNECTION LIMIT 3",
        "lower DQX_WORKER_POOL_SIZE",
    ),
    another_role(
        "a role that may not connect",
        DATABASE,
        "REVOKE CONNECT ON DATABASE {{database}} FROM PUBLIC, dqx_worker",
        'GRANT CONNECT ON DATABASE "',
        '" TO "a_role_that_may_not_connect"',
    ),
    replace(
        another_role("a pooler that drops parameters", DATABASE, "", "connect to Postgres itself"),
        step="search path",
        changes={
            "POSTGRES_USER": "a_pooler_that_drops_parameters",
            "POSTGRES_PASSWORD": PASSWORD,
            "POSTGRES_PORT": "{dropping}",
        },
    ),
    broken(
        "a database that takes no connections",
        "connect",
        DATABASE,
        "UPDATE pg_database SET datallowconn = false WHERE datname = '{database}'",
        "ALLOW_CONNECTIONS true",
    ),
    broken("nobody asked yet", "write", ExitCode.SUCCESS, f"DELETE FROM {RUNS}", "the first run"),
]
ALL_CASES = [*WRONG_SETTINGS, *BROKEN]
