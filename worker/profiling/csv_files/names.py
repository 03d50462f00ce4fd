"""Names for the columns of a CSV file whose header leaves some empty or repeats some."""

from collections.abc import Sequence

__all__ = ["column_names"]


def column_names(header: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return a name for each field of the header, and the invented ones with their reason.

    An empty one is named by its place, `column_3`. A repeated one gets a number, `id_2`. Names that
    differ in case only are different.
    """
    taken = {name for name in header if name.strip()}
    names: list[str] = []
    invented: dict[str, str] = {}
    for place, given in enumerate(header, start=1):
        if not given.strip():
            name = _free(f"column_{place}", taken)
            invented[name] = "the header leaves it empty"
        elif given in names:
            name = _free(f"{given}_2", taken, given)
            invented[name] = f"the header repeats {given}"
        else:
            name = given
        taken.add(name)
        names.append(name)
    return names, invented


def _free(name: str, taken: set[str], stem: str | None = None) -> str:
    """Return `name`, or the next that is not taken."""
    stem, number = stem or name, 2
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name
