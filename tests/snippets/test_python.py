"""The Python of docs/backend.md: it enqueues, waits, reads and cancels."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.snippets.code_blocks import only
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio

Profile = Callable[[str, list[str], int], Awaitable[tuple[Any, list[Any]]]]


@pytest.fixture
def profile(site: StandInSite, monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setenv("DATABASE_URL", site.backend.owner.url)
    module: dict[str, Any] = {}
    exec(only("python"), module)  # noqa: S102
    found: Profile = module["profile"]
    return found


def test_it_is_short() -> None:
    assert len(only("python").splitlines()) <= 25


async def test_it_waits_for_the_end_and_reads_the_suggestions(profile: Profile) -> None:
    status, suggestions = await profile("sales", ["orders"], 60)
    assert tuple(status) == ("completed", None)
    assert [one["status"] for one in suggestions] == ["pending"] * 4


async def test_it_shows_why_a_run_failed_and_what_it_gave_all_the_same(profile: Profile) -> None:
    status, suggestions = await profile("sales", ["orders", "broken"], 60)
    assert status["status"] == "failed"
    assert "broken: stand_in.fails can't be profiled" in status["error_message"]
    assert len(suggestions) == 4


async def test_it_cancels_a_run_that_takes_too_long(profile: Profile, site: StandInSite) -> None:
    status, suggestions = await profile("sales", ["endless"], 1)
    assert tuple(status) == ("failed", "Cancelled after 1 s")
    assert suggestions == []
