"""The cache, one promise at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from tests.unit.credentials.simulated_login import World
from tests.unit.credentials.virtual_clock import VirtualClock
from worker.credentials.cache import CredentialCache
from worker.credentials.errors import CredentialError
from worker.credentials.lifetime import LONGEST, UNKNOWN
from worker.workspace import errors

pytestmark = pytest.mark.anyio

HOUR = 3600.0


@pytest.fixture
def world() -> World:
    return World(VirtualClock())


@asynccontextmanager
async def running(world: World) -> AsyncIterator[CredentialCache]:
    async with CredentialCache(world, clock=world.clock).running() as cache:
        await world.clock.advance(0)
        yield cache


async def token(cache: CredentialCache) -> str:
    return (await cache.credential()).secret.get_secret_value()


async def test_a_hundred_callers_share_one_mint(world: World) -> None:
    world.latency = 2.0
    tokens: list[str] = []

    async def ask() -> None:
        tokens.append(await token(cache))

    async with running(world) as cache, anyio.create_task_group() as callers:
        for _ in range(100):
            callers.start_soon(ask)
        await world.clock.advance(2.0)
    assert tokens == ["token 1"] * 100
    assert len(world.mints) == 1


async def test_a_caller_that_is_cancelled_does_not_end_the_mint_of_the_others(
    world: World,
) -> None:
    world.latency = 2.0
    async with running(world) as cache, anyio.create_task_group() as callers:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await token(cache)
        callers.start_soon(token, cache)
        await world.clock.advance(2.0)
        assert await token(cache) == "token 1"
    assert len(world.mints) == 1


@pytest.mark.parametrize(("life", "counted"), [(HOUR, HOUR), (300.0, 300.0), (None, 3000.0)])
async def test_it_is_refreshed_between_60_and_75_percent_of_its_life(
    world: World, life: float | None, counted: float
) -> None:
    world.life = life
    async with running(world) as cache:
        await world.clock.advance(0.59 * counted)
        assert await token(cache) == "token 1"
        await world.clock.advance(0.17 * counted)
        assert await token(cache) == "token 2"
    assert 0.6 * counted <= world.mints[1] <= 0.75 * counted + 1e-6


async def test_while_refreshes_fail_the_last_one_is_served_until_just_before_its_end(
    world: World,
) -> None:
    async with running(world) as cache:
        world.failure = errors.unavailable("w", "503")
        await world.clock.advance(HOUR - 31.0)
        assert await token(cache) == "token 1"
        assert 5 < len(world.mints) < 100
        await world.clock.advance(2.0)
        async with anyio.create_task_group() as callers:
            callers.start_soon(_fails, cache, "503")
            await world.clock.advance(10.1)
        world.failure = None
        await world.clock.advance(5.1)
        assert (await token(cache)).startswith("token")


async def test_a_first_token_that_is_refused_is_reported_at_once(world: World) -> None:
    world.failure = errors.not_permitted("w", "no")
    async with running(world) as cache:
        with pytest.raises(CredentialError, match="does not permit"):
            await cache.credential()
        assert world.clock.monotonic() == 0


async def test_a_refusal_after_a_first_token_may_pass(world: World) -> None:
    async with running(world) as cache:
        world.revoke()
        assert cache.rejected(await cache.credential())
        world.failure = errors.not_permitted("w", "no")
        await world.clock.advance(1.0)
        tokens: list[str] = []

        async def ask() -> None:
            tokens.append(await token(cache))

        async with anyio.create_task_group() as callers:
            callers.start_soon(ask)
            await world.clock.advance(1.0)
            world.failure = None
            await world.clock.advance(6.0)
        assert len(tokens) == 1


async def test_a_service_that_says_when_to_come_back_is_obeyed(world: World) -> None:
    world.failure = errors.unavailable("w", "429", retry_after=20.0)
    async with running(world):
        await world.clock.advance(19.9)
        assert len(world.mints) == 1
        await world.clock.advance(0.2)
        assert len(world.mints) == 2


async def test_a_service_that_says_to_come_back_much_later_is_asked_after_a_minute(
    world: World,
) -> None:
    world.failure = errors.unavailable("w", "429", retry_after=HOUR)
    async with running(world):
        await world.clock.advance(60.1)
        assert len(world.mints) == 2


async def test_many_rejections_of_one_generation_cause_one_mint(world: World) -> None:
    async with running(world) as cache:
        first = await cache.credential()
        assert [cache.rejected(first) for _ in range(50)] == [True] * 50
        await world.clock.advance(1.0)
        assert (await cache.credential()).number == 2
        assert cache.rejected(first)
        assert (await cache.credential()).number == 2
    assert len(world.mints) == 2


async def test_tokens_that_are_all_rejected_are_minted_ever_more_slowly(world: World) -> None:
    world.role_exists = False
    async with running(world) as cache:
        for _ in range(600):
            cache.rejected(await cache.credential())
            await world.clock.advance(1.0)
    assert len(world.mints) < 20


async def test_a_host_that_can_not_be_reached_is_asked_for_again_at_once(world: World) -> None:
    async with running(world) as cache:
        first = await cache.credential()
        world.moves += 1
        for _ in range(50):
            cache.unreachable(first)
        # Meanwhile the old one serves: most outages end where they began.
        assert (await cache.credential()).number == 1
        await world.clock.advance(1.0)
        assert (await cache.credential()).host == "host 1"
        cache.unreachable(first)
        await world.clock.advance(60.0)
    assert len(world.mints) == 2


async def test_an_outage_that_lasts_is_asked_about_ever_more_slowly(world: World) -> None:
    async with running(world) as cache:
        for _ in range(600):
            cache.unreachable(await cache.credential())
            await world.clock.advance(1.0)
        assert len(world.mints) < 20
        # Once connections succeed, the next refresh starts it anew.
        await world.clock.advance(HOUR)
        before = len(world.mints)
        cache.unreachable(await cache.credential())
        await world.clock.advance(1.0)
        assert len(world.mints) == before + 1


async def test_an_outage_that_lasts_puts_no_refresh_off(world: World) -> None:
    world.life = 60.0
    async with running(world) as cache:
        for _ in range(7):
            cache.unreachable(await cache.credential())
            await world.clock.advance(32.0)
        last = await cache.credential()
        # Another one for this reason would come in a minute from then.
        cache.unreachable(last)
        await world.clock.advance(last.minted_at + 0.75 * world.life - world.clock.monotonic())
        assert (await cache.credential()).number == last.number + 1


async def test_an_outage_of_both_uses_no_token_up(world: World) -> None:
    async with running(world) as cache:
        world.failure = errors.unavailable("w", "503")
        cache.unreachable(await cache.credential())
        await world.clock.advance(100.0)
        assert await token(cache) == "token 1"
        assert 1 < len(world.mints) < 20
        world.failure = None
        await world.clock.advance(30.0)
        assert await token(cache) != "token 1"


async def test_of_failures_in_a_row_the_first_is_logged(world: World) -> None:
    world.failure = errors.unavailable("w", "503")
    with capture_logs() as logged:
        async with running(world):
            await world.clock.advance(60.0)
            world.failure = None
            await world.clock.advance(30.0)
    assert [line["event"] for line in logged] == [
        "credential.refresh_failed",
        "credential.refreshed",
    ]


async def test_a_clock_that_differs_is_logged_once() -> None:
    world = World(VirtualClock(ahead=timedelta(hours=3)))
    with capture_logs() as logged:
        async with running(world):
            await world.clock.advance(HOUR)
    assert len(world.mints) > 1
    assert [line["event"] for line in logged].count("credential.clock_differs") == 1


async def test_a_clock_that_is_far_ahead_does_not_end_every_token_at_once() -> None:
    world = World(VirtualClock(ahead=timedelta(hours=3)))
    async with running(world) as cache:
        assert await token(cache) == "token 1"
        await world.clock.advance(HOUR)
        assert await token(cache)
    assert len(world.mints) <= 2 + HOUR / (0.6 * UNKNOWN)


async def test_a_clock_that_is_far_behind_does_not_keep_tokens_past_their_end() -> None:
    world = World(VirtualClock(ahead=timedelta(hours=-3)))
    async with running(world) as cache:
        for _ in range(50):
            await world.clock.advance(LONGEST / 10)
            assert world.ends[await token(cache)] > world.clock.monotonic()


async def test_an_answer_without_an_end_counts_as_50_minutes(world: World) -> None:
    world.life = None
    async with running(world) as cache:
        world.failure = errors.unavailable("w", "503")
        await world.clock.advance(49 * 60.0)
        assert await token(cache) == "token 1"
        await world.clock.advance(60.0)
        async with anyio.create_task_group() as callers:
            callers.start_soon(_fails, cache, "503")
            await world.clock.advance(10.1)


async def test_no_secret_is_in_the_form_of_anything(world: World) -> None:
    async with running(world) as cache:
        generation = await cache.credential()
        reported = f"{generation!r} {generation} {generation.credential} {cache!r}"
    assert "token 1" not in reported


async def _fails(cache: CredentialCache, match: str) -> None:
    with pytest.raises(CredentialError, match=match):
        await cache.credential()


async def test_mints_and_the_life_that_is_left_are_counted(world: World) -> None:
    async with running(world) as cache:
        assert (cache.mints.minted, cache.mints.failed) == (1, 0)
        left = cache.seconds_left()
        await world.clock.advance(60)
        assert cache.seconds_left() == left - 60
        world.failure = errors.unavailable("w", "503")
        await world.clock.advance(2 * HOUR)
        assert cache.mints.minted == 1
        assert cache.mints.failed > 1
        assert cache.seconds_left() == 0
