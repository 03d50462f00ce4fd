"""A stream whose reader does not keep up takes what fits, drops the rest, and counts it."""

import fcntl
import os
import select
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from worker.telemetry.nonblocking_output import UnblockedStream

PIPE = 4096
LIMIT = 10_000


@dataclass
class Pipe:
    """A stream into a pipe that takes 4 kB, and its other end."""

    stream: UnblockedStream
    reading: int
    reported: list[int] = field(default_factory=list)

    def read(self) -> str:
        """Return what comes until the end of the last line that was written is there."""
        received = b""
        while not received.endswith(b"last\n"):
            received += os.read(self.reading, 65_536)
        return received.decode()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE)
    with os.fdopen(writing, "w") as target:

        def tell(lines: int) -> None:
            made.reported.append(lines)
            made.stream.write(f"dropped {lines}\n")

        made = Pipe(UnblockedStream(target, tell, LIMIT), reading)
        yield made
        os.close(reading)


def test_lines_come_in_their_order_when_they_fit(pipe: Pipe) -> None:
    for number in range(100):
        print(number, file=pipe.stream)
    print("last", file=pipe.stream)
    assert pipe.read().splitlines() == [*map(str, range(100)), "last"]
    assert pipe.stream.drain(5)
    assert pipe.reported == []


def test_a_line_that_does_not_end_is_written_in_pieces(pipe: Pipe) -> None:
    for _ in range(30):
        pipe.stream.write("x" * 100)
    assert os.read(pipe.reading, 65_536).startswith(b"x" * 100)


def test_what_does_not_fit_is_dropped_and_counted_where_it_is_missing(pipe: Pipe) -> None:
    for number in range(5000):
        pipe.stream.write(f"{number}\n")
    assert not pipe.stream.drain(0)
    received = b""
    while b"dropped" not in received:
        assert select.select([pipe.reading], [], [], 5)[0], "nothing says that lines were dropped"
        received += os.read(pipe.reading, 65_536)
    pipe.stream.write("last\n")
    *kept, reported, last = (received.decode() + pipe.read()).splitlines()
    assert kept == [*map(str, range(len(kept)))]
    assert reported == f"dropped {5000 - len(kept)}"
    assert last == "last"
    assert pipe.reported == [5000 - len(kept)]


def test_a_line_that_was_begun_is_not_broken(pipe: Pipe) -> None:
    pipe.stream.write("a line ")
    pipe.stream.write("of two parts\nand ")
    pipe.stream.write("last\n")
    assert pipe.read() == "a line of two parts\nand last\n"


def test_what_is_begun_is_written_at_the_end(pipe: Pipe) -> None:
    pipe.stream.write("no end")
    assert pipe.stream.drain(5)
    assert os.read(pipe.reading, 100) == b"no end"


def test_a_reader_that_is_gone_is_written_to_no_more(pipe: Pipe) -> None:
    for number in range(5000):
        pipe.stream.write(f"{number}\n")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, pipe.reading)
    os.close(nowhere)
    assert pipe.stream.drain(5)
    print("last", file=pipe.stream)
    assert pipe.stream.drain(5)
