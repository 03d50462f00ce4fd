"""The implementations that were read, by the hashes of their texts, so that each is read once.

A contract may have more and longer texts than can be read for a table. What is read for one table
is limited; texts that were read before cost nothing, so later tables get further.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from worker.checks.parse_implementation import read_checks
from worker.counting.check import Check

__all__ = ["MAX_CHECKS", "Allowance", "ImplementationCache", "Read"]

Read = Mapping[bytes, Sequence[Check]]
"""The checks of texts by their hashes."""

MAX_CHECKS = 50_000
"""Number of checks that are compared with those of one table."""
_REMEMBERED = 2 * MAX_CHECKS
"""Number of texts and checks that are kept."""


@dataclass(slots=True)
class Allowance:
    """What may still be read for one table, of texts that were not read before."""

    characters: int = 20_000_000
    yaml: int = 500_000
    """Characters of YAML, which takes up to ten microseconds for each."""
    checks: int = MAX_CHECKS

    def takes(self, size: int) -> bool:
        """Take a text that is to be read; return whether it may be."""
        self.characters -= size
        return self.characters >= 0

    def takes_yaml(self, size: int) -> bool:
        """Take a text that is YAML; return whether it may be read."""
        self.yaml -= size
        return self.yaml >= 0


@dataclass(slots=True)
class ImplementationCache:
    """The checks in texts; those that were used last are kept. Threads may share it."""

    limit: int = _REMEMBERED
    _read: OrderedDict[bytes, Sequence[Check]] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, hashes: Iterable[bytes]) -> dict[bytes, Sequence[Check]]:
        """Return the checks of the texts that were read before."""
        with self._lock:
            found = {one: self._read[one] for one in hashes if one in self._read}
            for one in found:
                self._read.move_to_end(one)
        return found

    def read(
        self, texts: Iterable[str], allowance: Allowance, pause: Callable[[], None]
    ) -> dict[bytes, Sequence[Check]]:
        """Return the checks in texts, without the texts that `allowance` no longer takes.

        `pause` is called before each text and may raise.
        """
        found: dict[bytes, Sequence[Check]] = {}
        for text in texts:
            pause()
            # As Postgres' sha256(convert_to(text, 'UTF8')).
            one = sha256(text.encode("utf-8", "replace")).digest()
            # Another thread may have read it meanwhile.
            if known := self.known([one]):
                found |= known
            elif (
                allowance.checks > 0
                and (checks := read_checks(text, allowance.takes_yaml)) is not None
            ):
                allowance.checks -= len(checks)
                found[one] = checks
                self._keep(one, checks)
        return found

    def _keep(self, one: bytes, checks: Sequence[Check]) -> None:
        with self._lock:
            if one in self._read:
                return
            self._read[one] = checks
            self._size += 1 + len(checks)
            while self._size > self.limit:
                _, oldest = self._read.popitem(last=False)
                self._size -= 1 + len(oldest)
