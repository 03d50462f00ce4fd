"""The backend and the people behind it: requests, and what they change while runs are in work.

Each deed is written into the ledger by the statement or transaction that does it.
"""

import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import anyio
import asyncpg

from deploy.sandbox.sample_contracts import Contract, Property, Schema
from tests.chaos.schedule import Kind
from tests.chaos.site import REAL_RUN, Site
from tests.chaos.stand_in import FAILS, KILLS, stand_in_name
from tests.support.command import command
from tests.support.contracts import write_parquet

__all__ = ["BackendSide"]

_REQUESTS_A_LEASE = 9.0
_CONTRACTS = 8
_POISON_EVERY, _POISON_FIRST = 150, 20
_CLI_DEADLINE = 30.0
_LARGE = 2000
_BY_HAND = "ended by hand"

# Copies of the first schema object of a contract and of its properties.
_MORE_OBJECTS = """
INSERT INTO data_contract_schema_objects
SELECT (jsonb_populate_record(o, jsonb_build_object(
    'id', format('%s more %s', o.id, n), 'name', format('more %s', n)))).*
FROM data_contract_schema_objects o, generate_series(1, $2) AS n
WHERE o.id = (SELECT min(id) FROM data_contract_schema_objects WHERE contract_id = $1)
"""
_MORE_PROPERTIES = """
INSERT INTO data_contract_schema_properties
SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', format('%s more %s', p.id, n), 'object_id', format('%s more %s', p.object_id, n)))).*
FROM data_contract_schema_properties p, generate_series(1, $2) AS n
WHERE p.object_id = (SELECT min(id) FROM data_contract_schema_objects WHERE contract_id = $1)
"""
_REQUEST = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status, triggered_by)
VALUES ($1, $2, 'dqx', $3, 'pending', 'chaos')
"""
_NOTE_REQUEST = (
    "INSERT INTO chaos.requests (run_id, contract_id, fate, tables) VALUES ($1,$2,$3,$4)"
)
_CANDIDATES = """
SELECT r.id FROM data_profiling_runs r JOIN chaos.requests q ON q.run_id = r.id
WHERE r.status = ANY ($1::text[]) AND q.fate = ANY ($2::text[])
  AND NOT EXISTS (SELECT FROM chaos.deeds d WHERE d.run_id = r.id AND d.kind <> $3)
ORDER BY r.id
"""
_RESET = """
WITH changed AS (
    UPDATE data_profiling_runs SET status = 'pending', summary_stats = NULL, error_message = NULL,
        completed_at = NULL
    WHERE id = $1 AND status = ANY ($2::text[]) RETURNING id
)
INSERT INTO chaos.deeds (kind, run_id) SELECT $3, id FROM changed RETURNING number
"""
_DECIDE = """
WITH changed AS (
    UPDATE data_profiling_runs SET status = $2, error_message = $3, completed_at = clock_timestamp()
    WHERE id = $1 AND status IN ('pending', 'running') RETURNING id
)
INSERT INTO chaos.deeds (kind, run_id, word) SELECT $4, id, $2 FROM changed RETURNING number
"""
# A statement of its own: it sees what was committed while the one before waited for the row.
_COUNT = """
UPDATE chaos.deeds d SET suggestions =
    (SELECT count(*) FROM chaos.found s WHERE s.run_id = d.run_id)
    + (SELECT count(*) FROM chaos.superseded s WHERE s.run_id = d.run_id)
    + (SELECT count(*) FROM chaos.gone s WHERE s.run_id = d.run_id)
WHERE number = $1
"""
_DELETE_RUN = """
WITH gone AS (DELETE FROM data_profiling_runs WHERE id = $1 RETURNING id)
INSERT INTO chaos.deeds (kind, run_id) SELECT $2, id FROM gone RETURNING number
"""
_LOCK_CONTRACT = "SELECT true FROM data_contracts WHERE id = $1 FOR UPDATE"
_DELETE_RUNS = """
WITH gone AS (DELETE FROM data_profiling_runs WHERE contract_id = $1 RETURNING id)
INSERT INTO chaos.deeds (kind, run_id) SELECT $2, id FROM gone
"""
_DELETE_CONTRACT = "DELETE FROM data_contracts WHERE id = $1"
_ASK_TO_CANCEL = "INSERT INTO chaos.deeds (kind, run_id) VALUES ($1, $2) RETURNING number"
_CANCEL_ANSWERED = """
UPDATE chaos.deeds SET exit_code = $2, answered_at = clock_timestamp() WHERE number = $1
"""
_UNDECIDED = """
SELECT DISTINCT profile_run_id FROM suggested_quality_checks WHERE status = 'pending' ORDER BY 1
"""
_JUDGE = """
WITH chosen AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM suggested_quality_checks
    WHERE profile_run_id = $1 AND status = 'pending' ORDER BY id LIMIT 4
), judged AS (
    UPDATE suggested_quality_checks s
    SET status = CASE WHEN place % 2 = 0 THEN 'rejected' ELSE 'accepted' END
    FROM chosen WHERE s.id = chosen.id RETURNING s.id, s.profile_run_id, s.status
), noted AS (
    INSERT INTO chaos.decisions SELECT id, profile_run_id, status FROM judged RETURNING 1
)
SELECT count(*) FROM noted
"""

_FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a deed may end with while the database is down, or somebody holds what it wants."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A contract that is there, and what comes of a request for it."""

    contract_id: str
    fate: str
    tables: dict[str, tuple[str, int | None]]
    """The physical name and the number of suggestions of each schema, None: only DQX knows."""


class BackendSide:
    """Inserts requests all the time, and does the deeds of a schedule."""

    def __init__(self, site: Site, seed: int, *, dqx: bool) -> None:
        self._site = site
        self._seed = seed
        self._dqx = dqx
        self._chance = random.Random(seed)  # noqa: S311
        self._shapes: list[_Shape] = []
        self._made = 0
        # As many as the workers get done: a run takes some 60 round trips.
        self._pause = site.lease / _REQUESTS_A_LEASE + 5 * site.round_trip
        self.requests = 0

    async def prepare(self) -> None:
        """Make the first contracts."""
        for _ in range(_CONTRACTS):
            await self._add_contract("completes")
        await self._add_contract("completes", objects=_LARGE)
        await self._add_contract("fails")
        await self._add_contract("kills")
        if self._dqx:
            await self._add_contract("real")

    async def request_all_the_time(self) -> None:
        """Insert a request every now and then, until cancelled; those that fail are left out."""
        while True:
            await anyio.sleep(self._chance.uniform(0, 2 * self._pause))
            try:
                await self.request()
            except asyncpg.SyntaxOrAccessError:
                raise
            except _FAILURES:
                continue

    async def request(self, fate: str | None = None) -> str:
        """Insert a request, of any contract or of one with this fate; return the run's id."""
        fate = fate or self._chance.choices(["completes", "fails", "kills"], [94, 5.4, 0.6])[0]
        shape = self._chance.choice([shape for shape in self._shapes if shape.fate == fate])
        names = list(shape.tables)
        if fate in ("completes", "real"):
            names = self._chance.sample(names, self._chance.randint(1, len(names)))
        run_id = str(UUID(int=self._chance.getrandbits(128), version=4))
        if fate == "real":
            run_id = f"{REAL_RUN}{run_id}"
        tables = [
            {"schema": name, "physical_name": shape.tables[name][0], "suggestions": count}
            for name in names
            for count in (shape.tables[name][1],)
        ]
        noted = "completes" if fate == "real" else fate
        async with self._site.connection() as connection, connection.transaction():
            await connection.execute(_REQUEST, run_id, shape.contract_id, json.dumps(names))
            await connection.execute(
                _NOTE_REQUEST, run_id, shape.contract_id, noted, json.dumps(tables)
            )
        self.requests += 1
        return run_id

    def _next_fate(self) -> str:
        if self.requests % _POISON_EVERY == _POISON_FIRST:
            return "kills"
        return self._chance.choices(["completes", "fails"], [95, 5])[0]

    async def do(self, kind: Kind, choice: float) -> str:
        """Do a deed to one of the runs that are there; return what came of it."""
        try:
            with anyio.fail_after(_CLI_DEADLINE + 30):
                return await self._deeds[kind](choice)
        # A mistake of ours, not of a fault.
        except asyncpg.SyntaxOrAccessError:
            raise
        except _FAILURES as error:
            return f"not done: {type(error).__name__}"

    @property
    def _deeds(self) -> dict[Kind, Callable[[float], Awaitable[str]]]:
        return {
            Kind.CANCEL: self._cancel,
            Kind.DECIDE: self._decide,
            Kind.RESET: self._reset,
            Kind.DELETE_RUN: self._delete_run,
            Kind.DELETE_CONTRACT: self._delete_contract,
            Kind.JUDGE: self._judge,
            Kind.REAL: self._request_real,
        }

    async def _pick(
        self,
        connection: asyncpg.Connection,
        choice: float,
        statuses: Sequence[str],
    ) -> str | None:
        """Choose a run on whose end nobody has decided yet.

        Poisoned ones are left alone: how they end is for the workers to show.
        """
        rows = await connection.fetch(
            _CANDIDATES, list(statuses), ["completes", "fails"], Kind.RESET
        )
        return str(rows[int(choice * len(rows))]["id"]) if rows else None

    async def _reset(self, choice: float) -> str:
        # Rather one in work than one that has ended.
        statuses = ["running"] if choice < 0.7 else ["completed", "failed"]
        async with self._site.connection() as connection, connection.transaction():
            run_id = await self._pick(connection, choice, statuses)
            number = run_id and await connection.fetchval(_RESET, run_id, statuses, Kind.RESET)
            if not number:
                return "no run"
            await connection.execute(_COUNT, number)
        return str(run_id)

    async def _decide(self, choice: float) -> str:
        status, message = ("cancelled", None) if choice < 0.75 else ("failed", _BY_HAND)
        async with self._site.connection() as connection, connection.transaction():
            run_id = await self._pick(connection, choice, ["pending", "running"])
            number = run_id and await connection.fetchval(
                _DECIDE, run_id, status, message, Kind.DECIDE
            )
            if not number:
                return "no run"
            await connection.execute(_COUNT, number)
        return f"{run_id} {status}"

    async def _delete_run(self, choice: float) -> str:
        async with self._site.connection() as connection:
            run_id = await self._pick(connection, choice, ["running", "pending"])
            if run_id and await connection.fetchval(_DELETE_RUN, run_id, Kind.DELETE_RUN):
                return run_id
        return "no run"

    async def _delete_contract(self, choice: float) -> str:
        """Delete a contract with all its runs, and make another one in its place."""
        plain = [shape for shape in self._shapes if shape.fate == "completes"]
        shape = plain[int(choice * len(plain))]
        await self._add_contract("completes")
        async with self._site.connection() as connection, connection.transaction():
            # Requests that are being inserted wait for this lock, and then have no contract.
            await connection.fetchval(_LOCK_CONTRACT, shape.contract_id)
            await connection.execute(_DELETE_RUNS, shape.contract_id, Kind.DELETE_RUN)
            await connection.execute(_DELETE_CONTRACT, shape.contract_id)
        self._shapes.remove(shape)
        return shape.contract_id

    async def _cancel(self, choice: float) -> str:
        async with self._site.connection() as connection:
            run_id = await self._pick(connection, choice, ["running", "pending"])
            if run_id is None:
                return "no run"
            number = await connection.fetchval(_ASK_TO_CANCEL, Kind.CANCEL, run_id)
        answer = await command(
            self._site.environment(),
            *("cancel", run_id, "--by", "chaos", "--reason", f"seed {self._seed}"),
            seconds=_CLI_DEADLINE,
        )
        async with self._site.connection() as connection:
            await connection.execute(_CANCEL_ANSWERED, number, answer.returncode)
        return f"{run_id}, exit code {answer.returncode}"

    async def _request_real(self, _: float) -> str:
        return await self.request("real")

    async def _judge(self, choice: float) -> str:
        async with self._site.connection() as connection:
            rows = await connection.fetch(_UNDECIDED)
            if not rows:
                return "no suggestion"
            run_id = rows[int(choice * len(rows))]["profile_run_id"]
            return f"{await connection.fetchval(_JUDGE, run_id)} of run {run_id}"

    async def _add_contract(self, fate: str, *, objects: int = 0) -> None:
        """Make a contract whose runs have this fate, with so many further schema objects."""
        self._made += 1
        contract_id = f"{fate}-{self._made}"
        tables = self._tables(fate)
        properties = tuple(Property(f"c{n}", "integer", "BIGINT", required=True) for n in range(3))
        schemas = tuple(Schema(name, table, "", properties) for name, (table, _) in tables.items())
        await self._site.backend.add_contract(Contract(contract_id, contract_id, schemas))
        async with self._site.connection() as connection:
            await connection.execute(_MORE_OBJECTS, contract_id, objects)
            await connection.execute(_MORE_PROPERTIES, contract_id, objects)
        self._shapes.append(_Shape(contract_id, fate, tables))

    def _tables(self, fate: str) -> dict[str, tuple[str, int | None]]:
        if fate == "real":
            return {"real": (str(self._real_table(self._site.tables)), None)}
        tables: dict[str, tuple[str, int | None]] = {}
        for number in range(self._chance.randint(1, 4)):
            columns = self._chance.randint(1, 12)
            # Most are done within a lease, some take longer.
            milliseconds = round(
                self._chance.choice([0.1, 0.2, 0.3, 0.3, 1.4]) * self._site.lease * 1000
            )
            tables[f"t{number}"] = (stand_in_name(milliseconds, columns), columns)
        if fate == "fails":
            tables["bad"] = (FAILS, 0)
        if fate == "kills":
            tables["poison"] = (KILLS, 0)
        return tables

    @staticmethod
    def _real_table(folder: Path) -> Path:
        return write_parquet(
            folder / "real.parquet", id=list(range(200)), name=[f"n{n % 7}" for n in range(200)]
        )
