"""Removes the guards of the code, one at a time, and runs the test that has to fail for each.

`python -m tests.guards [NAME…]`: all guards, or those whose room or sentence has a NAME in it.
It works on copies of the checkout. First all the tests run on code that is whole: they must pass.
A guard is noticed if its test itself fails. An error of collection, import or a fixture does not
count: any broken code would cause it. Exits with 1 if a guard is not noticed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.guards.copy import Copy
from tests.guards.guard import Guard, load_guards
from tests.guards.trial import End, Trial, run_tests

# Half of a test's time is waiting.
_AT_ONCE = 3


def main() -> int:
    """Return the exit code."""
    arguments = _arguments()
    chosen = _chosen(load_guards(), arguments.name)
    guards = [guard for of_room in chosen.values() for guard in of_room]
    if not guards:
        print(f"no guard has {' or '.join(arguments.name)} in its name", file=sys.stderr)
        return 2
    if arguments.list:
        _list(chosen)
        return 0
    began = time.monotonic()
    with _copies(min(arguments.at_once, len(guards))) as copies:
        print(f"{len(guards)} guards; first their tests on the whole code", flush=True)
        if not _pass_on_whole_code(copies, guards):
            return 1
        noticed = _try_all(copies, chosen)
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"{noticed} of {len(guards)} guards are noticed ({minutes} min {seconds} s)")
    return 0 if noticed == len(guards) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("name", nargs="*", help="a room, or part of a guard's sentence")
    parser.add_argument("--list", action="store_true", help="print the guards, remove none")
    parser.add_argument("--at-once", type=int, default=_AT_ONCE, metavar="N")
    return parser.parse_args()


def _chosen(
    guards: Mapping[str, Sequence[Guard]], names: Sequence[str]
) -> dict[str, Sequence[Guard]]:
    return {
        room: [
            guard
            for guard in of_room
            if not names or any(name == room or name in guard.protects for name in names)
        ]
        for room, of_room in guards.items()
    }


def _list(guards: Mapping[str, Sequence[Guard]]) -> None:
    for room, of_room in guards.items():
        for guard in of_room:
            print(f"{room}: {guard.protects}\n    {guard.file}\n    {guard.test}")


@contextmanager
def _copies(number: int) -> Iterator[Sequence[Copy]]:
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        yield [Copy.into(Path(folder).resolve() / str(one)) for one in range(number)]


def _pass_on_whole_code(copies: Sequence[Copy], guards: Sequence[Guard]) -> bool:
    tests = list(dict.fromkeys(guard.test for guard in guards))
    shares = [tests[one :: len(copies)] for one in range(len(copies))]
    with ThreadPoolExecutor(len(copies)) as executor:
        trials = list(
            executor.map(
                lambda copy, share: run_tests(copy, share, stop_at_first=False), copies, shares
            )
        )
    for trial in trials:
        if trial.end is not End.PASSED:
            print(trial.output)
    return all(trial.end is End.PASSED for trial in trials)


def _try_all(copies: Sequence[Copy], guards: Mapping[str, Sequence[Guard]]) -> int:
    """Try each guard in a copy that is free, print how that went, and count the noticed ones."""
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def tried(guard: Guard) -> Trial:
        copy = free.get()
        try:
            with copy.without(guard):
                return run_tests(copy, [guard.test], stop_at_first=True)
        finally:
            free.put(copy)

    of_rooms = [(room, guard) for room, of_room in guards.items() for guard in of_room]
    noticed = 0
    with ThreadPoolExecutor(len(copies)) as executor:
        trials = executor.map(tried, [guard for _, guard in of_rooms])
        for (room, guard), trial in zip(of_rooms, trials, strict=True):
            noticed += _told(room, guard, trial)
    return noticed


def _told(room: str, guard: Guard, trial: Trial) -> bool:
    """Print how the trial of a guard went; return whether the guard is noticed."""
    noticed = trial.end is End.FAILED
    word = "noticed" if noticed else "NOT NOTICED"
    print(f"{word:11} {trial.seconds:5.1f} s  {room}: {guard.protects}")
    print(f"{'':21}{guard.test}", flush=True)
    if not noticed:
        print(f"{'':21}{guard.file}: {guard.text}\n{trial.output}", flush=True)
    return noticed


if __name__ == "__main__":
    sys.exit(main())
