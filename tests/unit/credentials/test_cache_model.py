"""Whatever happens in whatever order, the cache keeps what it promises."""

from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deploy.sandbox.backend import Login
from tests.support.options import database_options
from tests.unit.credentials.simulated_login import World
from tests.unit.credentials.virtual_clock import VirtualClock, settle
from worker.credentials.cache import CredentialCache
from worker.credentials.lifetime import SHORTEST_PAUSE
from worker.credentials.passwords import CachedPassword
from worker.database.errors import DatabaseRefused, DatabaseUnavailable, NoPassword
from worker.database.open_connection import log_in
from worker.database.password_source import Login as DatabaseLogin
from worker.workspace import errors

OPTIONS = database_options(Login("h", 1, "d", "u", "p"), host=None)

Step = tuple[str, float]

steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(0.01, 2000)),
        st.tuples(st.just("pass"), st.floats(0.01, 5)),
        st.tuples(st.sampled_from(["log in", "log in and be cancelled"]), st.integers(1, 5)),
        st.tuples(st.sampled_from(["heal", "fail", "refuse", "hang", "revoke"]), st.just(0)),
        st.tuples(st.just("throttle"), st.floats(0, 90)),
        st.tuples(st.just("latency"), st.floats(0, 9)),
        st.tuples(st.sampled_from(["drop role", "make role", "move"]), st.just(0)),
    ),
    max_size=30,
)


@dataclass
class Client:
    """One try to log in, and how it ended."""

    tries: int = 0
    ended: str = ""

    async def log_in(self, world: World, passwords: CachedPassword) -> None:
        async def enter(login: DatabaseLogin) -> str:
            self.tries += 1
            return await world.enter(login)

        try:
            await log_in(OPTIONS, passwords, enter)
            self.ended = "in"
        except NoPassword:
            self.ended = "no token"
        except DatabaseUnavailable:
            self.ended = "unreachable"
        except DatabaseRefused:
            self.ended = "rejected"


@settings(max_examples=60)
@example(steps=[("revoke", 0), ("log in", 3)], life=60.0)
@example(steps=[("drop role", 0), *[("log in", 2), ("pass", 0.3)] * 9], life=60.0)
@example(steps=[("hang", 0), ("pass", 50), ("log in", 2), ("heal", 0), ("pass", 9)], life=60.0)
@example(steps=[("move", 0), *[("log in", 2), ("move", 0), ("pass", 0.3)] * 9], life=3600.0)
@given(steps=steps, life=st.sampled_from([3.0, 60.0, 300.0, 3600.0, None]))
def test_no_sequence_of_events_breaks_a_promise(steps: list[Step], life: float | None) -> None:
    anyio.run(_play, steps, life)


@dataclass
class Scene:
    """What the steps of one sequence act on."""

    world: World
    passwords: CachedPassword
    tasks: TaskGroup
    clients: list[Client] = field(default_factory=list)

    def log_in(self, number: float) -> None:
        for _ in range(int(number)):
            self.clients.append(Client())
            self.tasks.start_soon(self.clients[-1].log_in, self.world, self.passwords)

    async def log_in_and_be_cancelled(self, number: float) -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(int(number)):
                self.clients.append(Client())
                tasks.start_soon(self.clients[-1].log_in, self.world, self.passwords)
            await settle()
            tasks.cancel_scope.cancel()

    async def step(self, kind: str, value: float) -> None:
        world = self.world
        match kind:
            case "pass":
                await world.clock.advance(value)
            case "log in":
                self.log_in(value)
            case "log in and be cancelled":
                await self.log_in_and_be_cancelled(value)
            case "heal":
                world.failure, world.hangs = None, False
            case "fail":
                world.failure = errors.unavailable("w", "503")
            case "refuse":
                world.failure = errors.not_permitted("w", "403")
            case "throttle":
                world.failure = errors.unavailable("w", "429", retry_after=value)
            case "hang":
                world.hangs = True
            case "latency":
                world.latency = value
            case "revoke":
                world.revoke()
            case "move":
                world.moves += 1
            case "drop role" | "make role":
                world.role_exists = kind == "make role"
        await settle()


async def _play(steps: list[Step], life: float | None) -> None:
    world = World(VirtualClock(), life=life)
    async with (
        CredentialCache(world, clock=world.clock).running() as cache,
        anyio.create_task_group() as tasks,
    ):
        scene = Scene(world, CachedPassword(cache), tasks)
        await settle()
        for kind, value in steps:
            await scene.step(kind, value)
            _check(scene)

        # Once nothing is wrong any more, whoever comes gets in: no failure lasts. The first one may
        # find that Postgres has moved.
        world.failure, world.hangs, world.role_exists, world.latency = None, False, True, 0.1
        await world.clock.advance(200.0)
        for _ in range(2):
            scene.log_in(1)
            await world.clock.advance(60.0)
        assert scene.clients[-1].ended == "in"
        tasks.cancel_scope.cancel()
    _check(scene)


def _check(scene: Scene) -> None:
    world = scene.world
    # Never an expired token, whether a mint is possible or not.
    assert all(at < world.ends[token] for at, token in world.served)
    # A rejected login is tried once more at most.
    assert all(client.tries <= 2 for client in scene.clients)
    # Mints have a least distance, so their number is bounded whatever happens.
    assert all(
        later - earlier >= SHORTEST_PAUSE - 1e-9
        for earlier, later in zip(world.mints, world.mints[1:], strict=False)
    )
