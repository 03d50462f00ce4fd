"""A database in which much has been done: old runs and all that the worker keeps of them.

`done-<n>` are runs that ended, `held-<n>` such that a worker works on, `lost-<n>` such whose lease
has expired, `nobodys-<n>` such that run without one, and `wait-<n>` requests, the oldest first.
"""

import random
import string

from deploy.sandbox.backend import Backend

__all__ = ["CONTRACTS", "HELD", "WORKER", "add_requests", "incompressible", "load_rows", "token"]

HELD = 10
"""How many runs are held, lost and nobody's, each."""
CONTRACTS = 1000
WORKER = "busy"
"""Who holds the runs that are held."""

# A summary of some kB in every fourth run, as for a contract of several tables.
_OF_BACKEND = """
INSERT INTO data_contracts (id, name, kind, api_version, version, status, published,
                            version_family_id, publication_scope)
SELECT 'c-' || n, 'Contract ' || n, 'DataContract', 'v3.1.0', '1.0.0', 'draft', false, 'c-' || n,
       'none'
FROM generate_series(0, $contracts - 1) n;

INSERT INTO data_contract_schema_objects (id, contract_id, name, logical_type, physical_name)
SELECT 'o-' || n || '-' || o, 'c-' || n, 'table_' || o, 'object', '$physical_name'
FROM generate_series(0, $contracts - 1) n, generate_series(1, 10) o;

INSERT INTO data_contract_schema_properties (
    id, object_id, name, required, "unique", primary_key, partitioned, primary_key_position,
    partition_key_position, critical_data_element)
SELECT o.id || '-' || p, o.id, 'column_' || p, false, false, false, false, -1, -1, false
FROM data_contract_schema_objects o, generate_series(1, 5) p;

WITH text AS MATERIALIZED (
    SELECT string_agg(md5(n::text), '') AS of_4_kb FROM generate_series(1, 128) n
)
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status, summary_stats,
                                 started_at, completed_at, error_message, triggered_by)
SELECT 'done-' || n, 'c-' || n % $contracts, 'dqx', '["table_1", "table_2"]',
       CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END,
       '{"tables": "' || n
           || CASE WHEN n % 4 = 0 THEN of_4_kb ELSE left(of_4_kb, 600) END || '"}',
       now() - make_interval(secs => 20 * n + 86400), now() - make_interval(secs => 20 * n),
       CASE WHEN n % 20 = 0 THEN 'Failed to profile 1 of 2 schemas' END, 'someone@example.com'
FROM generate_series(1, $finished) n, text;

INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
SELECT kind || '-' || n, 'c-' || n, 'dqx', '["table_1"]', 'running'
FROM generate_series(1, $held) n, unnest(ARRAY['held', 'lost', 'nobodys']) kind;

INSERT INTO suggested_quality_checks (id, profile_run_id, contract_id, source, schema_name,
                                      property_name, status, type, name, rule, implementation)
SELECT 's-' || n, 'done-' || n, 'c-' || n % $contracts, 'dqx', 'table_1', 'column_1', 'pending',
       'custom', 'column_1_is_null', 'column_1 must not be null', '{"criticality": "error"}'
FROM generate_series(1, $finished) n;
"""

_OF_WORKER = """
INSERT INTO workers (id, version, engine, slots, started_at, last_seen)
SELECT 'w-' || n, '0', 'local', 2, now() - interval '1 year', now() - make_interval(hours => n)
FROM generate_series(1, $finished) n
UNION ALL
SELECT '$worker', '0', 'local', $held, now(), now();

INSERT INTO attempts (run_id, number, worker, begun_at, ended_at, outcome)
SELECT 'done-' || n, 1, 'w-' || n, now() - make_interval(secs => 20 * n + 60),
       now() - make_interval(secs => 20 * n),
       CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END
FROM generate_series(1, $finished) n;

INSERT INTO attempts (run_id, number, worker)
SELECT kind || '-' || n, 1, CASE kind WHEN 'held' THEN '$worker' ELSE 'w-' || n END
FROM generate_series(1, $held) n, unnest(ARRAY['held', 'lost']) kind;

INSERT INTO leases (run_id, attempt, token, worker, expires_at, renewed_at)
SELECT kind || '-' || n, 1, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
       CASE kind WHEN 'held' THEN '$worker' ELSE 'w-' || n END,
       now() + CASE kind WHEN 'held' THEN interval '1 hour' ELSE interval '-1 second' END,
       now() - interval '1 minute'
FROM generate_series(1, $held) n, unnest(ARRAY['held', 'lost']) kind;

INSERT INTO evidence (suggestion_id, run_id, facts)
SELECT 's-' || n, 'done-' || n, '{"origin": "dqx", "rows": 5000, "failing": 0}'
FROM generate_series(1, $finished) n;

INSERT INTO table_progress (run_id, schema_name, attempt, state, rows_sampled, columns,
                            suggestions, summary, begun_at, ended_at)
SELECT run_id, 'table_1', 1, CASE outcome WHEN 'completed' THEN 'completed' ELSE 'failed' END,
       5000, 10, 1, '{"physical_name": "main.sales.orders"}', begun_at, ended_at
FROM attempts WHERE outcome IS NOT NULL
UNION ALL
SELECT run_id, 'table_1', 1, 'profiling', NULL, NULL, NULL, NULL, begun_at, NULL
FROM attempts WHERE outcome IS NULL;
"""

# Of the last hours: a request that is older than a day is not worked on any more.
_REQUESTS = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status, started_at,
                                 triggered_by)
SELECT 'wait-' || n, 'c-' || n % $3, 'dqx', '["table_1"]', 'pending',
       now() - interval '6 hours' + make_interval(secs => n * 0.1), 'someone@example.com'
FROM generate_series($1::int, $2::int) n
"""


async def load_rows(
    backend: Backend, *, finished: int, physical_name: str = "main.sales.orders"
) -> None:
    """Fill a database that is migrated: `finished` old rows in each table, and a few live ones.

    All tables of every contract are the one of `physical_name`.
    """
    values = {
        "$contracts": str(CONTRACTS),
        "$finished": str(finished),
        "$held": str(HELD),
        "$worker": WORKER,
        "$physical_name": physical_name,
    }
    of_backend, of_worker = _OF_BACKEND, _OF_WORKER
    for name, value in values.items():
        of_backend = of_backend.replace(name, value)
        of_worker = of_worker.replace(name, value)
    async with backend.connection() as owner:
        await owner.execute(of_backend)
        await owner.execute("ANALYZE")
    worker = await backend.worker.connect()
    try:
        await worker.execute("SET search_path TO dqx_worker")
        await worker.execute(of_worker)
        await worker.execute("ANALYZE workers, attempts, leases, table_progress")
    finally:
        await worker.close()


async def add_requests(backend: Backend, first: int, last: int) -> None:
    """Insert the requests `wait-<first>` to `wait-<last>`."""
    async with backend.connection() as owner:
        await owner.execute(_REQUESTS, first, last, CONTRACTS)
        await owner.execute("ANALYZE data_profiling_runs")


def token(number: int) -> str:
    """Return the token of the lease on `held-<number>`, and on `lost-<number>`."""
    return f"00000000-0000-0000-0000-{number:012}"


def incompressible(size: int) -> str:
    """Return text that Postgres can't make shorter, so that an index may not take it."""
    letters = string.ascii_letters + string.digits
    return "".join(random.Random(size).choices(letters, k=size))  # noqa: S311
