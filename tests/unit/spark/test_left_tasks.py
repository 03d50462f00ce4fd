"""Tasks that go on after their table was given up are looked for, and end with their JVM."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import anyio
import pytest
import structlog.testing

from tests.support.waiting import until
from worker.spark import left_tasks
from worker.spark.engine import Engine
from worker.spark.left_tasks import LeftTasks

pytestmark = pytest.mark.anyio

TIMEOUT = timedelta(milliseconds=50)


@dataclass
class ScriptedEngine:
    """Answers with these numbers of tasks, the last one from then on."""

    answers: list[int]
    owns_jvm: bool = True
    silent: bool = False
    generation: int = 1
    failure: str | None = None
    asked: list[str] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    @property
    def kind(self) -> "ScriptedEngine":
        return self

    def tasks_left(self, tag: str) -> int:
        self.asked.append(tag)
        if self.silent:
            self.answering.wait(30)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def end_session(self, generation: int, why: str) -> None:
        self.ended.append((generation, why))
        self.answering.set()


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


@asynccontextmanager
async def watched(engine: ScriptedEngine) -> AsyncIterator[LeftTasks]:
    async with anyio.create_task_group() as tasks:
        left = LeftTasks(cast("Engine", engine), TIMEOUT)
        tasks.start_soon(left.watch)
        yield left
        tasks.cancel_scope.cancel()


async def test_a_task_that_does_not_end_ends_with_its_jvm_once(log: list[Any]) -> None:
    engine = ScriptedEngine([0, 1])
    async with watched(engine) as left:
        left.follow("run 1 1 t 7", 1)
        await until(is_true(engine.ended), "the JVM is ended", seconds=10)
    assert [generation for generation, _ in engine.ended] == [1]
    assert engine.asked == ["run 1 1 t 7"] * 5
    assert [(line["tasks"], line["jvm_ended"]) for line in log] == [(1, True)]


async def test_a_jvm_that_does_not_answer_is_ended(
    log: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_tasks, "_ANSWER", 0.1)
    engine = ScriptedEngine([0], silent=True)
    async with watched(engine) as left:
        left.follow("t", 1)
        await until(is_true(engine.ended), "the JVM is ended", seconds=10)
    assert len(engine.asked) == 1
    assert [line["tasks"] for line in log] == [None]


@pytest.mark.parametrize(
    ("engine", "looks"),
    [(ScriptedEngine([1, 0, 0]), 3), (ScriptedEngine([0, 1, 0, 0]), 4)],
)
async def test_tasks_that_end_in_time_cost_no_jvm(
    log: list[Any], engine: ScriptedEngine, looks: int
) -> None:
    async with watched(engine) as left:
        left.follow("t", 1)
        await until(is_true(engine.asked, looks), "the last look", seconds=10)
        # A second one is looked at for longer than the first one could be.
        left.follow("other", 1)
        await until(is_true(engine.asked, looks + 2), "the looks at another one", seconds=10)
    assert engine.asked == ["t"] * looks + ["other"] * 2
    assert (engine.ended, log) == ([], [])


async def test_a_jvm_that_is_not_the_workers_is_only_reported(log: list[Any]) -> None:
    engine = ScriptedEngine([2], owns_jvm=False)
    async with watched(engine) as left:
        left.follow("t", 1)
        await until(is_true(log), "the event", seconds=10)
        left.follow("other", 1)
        await until(is_true(log, 2), "the event of another one", seconds=10)
    assert [(line["tasks"], line["jvm_ended"]) for line in log] == [(2, False)] * 2
    assert engine.ended == []


async def test_tasks_of_a_session_that_was_replaced_are_gone(log: list[Any]) -> None:
    engine = ScriptedEngine([1], generation=2)
    async with watched(engine) as left:
        left.follow("t", 1)
        left.follow("current", 2)
        await until(is_true(engine.ended), "the other one's JVM is ended", seconds=10)
    assert set(engine.asked) == {"current"}
    assert [line["tag"] for line in log] == ["current"]


def is_true(seen: list[Any], length: int = 1) -> Any:
    async def condition() -> bool:
        return len(seen) >= length

    return condition
