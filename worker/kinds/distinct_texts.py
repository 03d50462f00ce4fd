"""A sample of the different texts of a column, and the shapes that they have."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from worker.kinds.facts import NEARLY_ALL, Facts

__all__ = ["Texts"]

_SAMPLE = 2_000
_FIRST = 100
_HOPELESS = 0.6
_LONGEST = 200
"""Bytes. No e-mail address, code or number is longer; such texts are not searched."""


@dataclass(frozen=True)
class Texts:
    """Up to 2,000 different texts, as bytes: they need not be proper UTF-8.

    A share is that of the rows which have one of these texts.
    """

    facts: Facts

    @cached_property
    def _sample(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """Evenly over all, as the rare texts are at the end; with the number of their rows."""
        different, counts = self.facts.column.counts
        if len(different) > _SAMPLE:
            at = np.linspace(0, len(different) - 1, _SAMPLE).astype(np.int64)
            different, counts = different.take(pa.array(at)), counts[at]
        return pc.cast(different, pa.large_binary()), counts

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.asarray(pc.binary_length(self._sample[0]).to_numpy(zero_copy_only=False))

    @cached_property
    def _short(self) -> tuple[pa.Array, NDArray[np.int64]]:
        """Those that a pattern is tried on, with the number of their rows."""
        texts, counts = self._sample
        fits = self._lengths <= _LONGEST
        return (texts, counts) if fits.all() else (texts.filter(pa.array(fits)), counts[fits])

    @cached_property
    def typical_length(self) -> float:
        """Half of the different texts have fewer bytes."""
        return float(np.median(self._lengths))

    @cached_property
    def one_length(self) -> bool:
        """Whether nearly all are as long as the most frequent one."""
        return self.share_of_length(int(self._lengths[0]), int(self._lengths[0])) >= NEARLY_ALL

    @cached_property
    def frequent(self) -> list[bytes]:
        """The hundred short texts that are most frequent."""
        return [bytes(one) for one in self._short[0].slice(0, _FIRST).to_pylist()]

    def share_of_length(self, least: int, most: int) -> float:
        """Return the share with so many bytes."""
        return self._share((self._lengths >= least) & (self._lengths <= most))

    def share_in(self, texts: Set[bytes]) -> float:
        """Return the share that is one of some short texts."""
        own, counts = self._short
        found = np.array([one in texts for one in own.to_pylist()], dtype=bool)
        return float(counts[found].sum() / self._sample[1].sum())

    def share_like(self, pattern: str, sign: str = "") -> float:
        """Return the share that a pattern matches.

        If few of the first hundred texts match, the others are not tried. The `sign` is a short
        pattern that matches all such texts: a long one takes longer to read than to try.
        """
        texts, counts = self._short
        first, of_first = texts.slice(0, _FIRST), counts[:_FIRST]
        for one in (sign, pattern if len(texts) > _FIRST else ""):
            if one and of_first[_like(first, one)].sum() < _HOPELESS * of_first.sum():
                return 0.0
        return float(counts[_like(texts, pattern)].sum() / self._sample[1].sum())

    def share_where(self, fits: Callable[[bytes], bool]) -> float:
        """Return the share for which a function is true, of a hundred texts of any length."""
        texts, counts = self._sample
        at = np.unique(np.linspace(0, len(texts) - 1, _FIRST).astype(np.int64))
        found = np.array([fits(bytes(one)) for one in texts.take(pa.array(at)).to_pylist()], bool)
        return float(counts[at][found].sum() / counts[at].sum())

    def _share(self, which: NDArray[np.bool_]) -> float:
        counts = self._sample[1]
        return float(counts[which].sum() / counts.sum())


def _like(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), bool)
