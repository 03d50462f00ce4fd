"""Names for the columns of a CSV file whose header leaves some empty or repeats some."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, count

__all__ = ["column_names"]


def column_names(header: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return a name for each field of the header, and the invented ones with their reason.

    An empty one is named by its place, `column_3`. A repeated one gets a number, `id_2`. Names that
    differ in case only are different.
    """
    taken = {name for name in header if name.strip()}
    names: dict[str, None] = {}
    invented: dict[str, str] = {}
    numbered: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for place, given in enumerate(header, start=1):
        name = given
        if not given.strip():
            stem = f"column_{place}"
            name = _free(chain([stem], _variants(stem, numbered[stem])), taken)
            invented[name] = "the header leaves it empty"
        elif given in names:
            name = _free(_variants(given, numbered[given]), taken)
            invented[name] = f"the header repeats {given}"
        names[name] = None
        taken.add(name)
    return list(names), invented


def _variants(stem: str, numbers: Iterator[int]) -> Iterator[str]:
    return (f"{stem}_{number}" for number in numbers)


def _free(names: Iterator[str], taken: set[str]) -> str:
    return next(name for name in names if name not in taken)
