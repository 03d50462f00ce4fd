"""The list of guards: what each protects, how it is removed, and the test that has to fail then.

A file of `rooms/` holds the guards of one room. Loading them checks each against the code.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

__all__ = ["ROOMS", "ROOT", "Guard", "load_guards"]

ROOT = Path(__file__).parents[2]
ROOMS = Path(__file__).with_name("rooms")

_TEST = re.compile(r"(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)(\[.+\])?")


class Guard(BaseModel):
    """A guard of the code, or of the SQL, that one change removes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    protects: str
    """What holds because of it: a sentence, and its name on the command line."""
    file: str
    text: str
    """What is taken away; the file has it once."""
    instead: str = Field("", min_length=0)
    """What stands in its place."""
    test: str
    """The node id of the test that fails without it, or of all cases of that test."""

    def removed_from(self, content: str) -> str:
        """Return the file's content without the guard."""
        return content.replace(self.text, self.instead)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.text == self.instead:
            raise ValueError("nothing is taken away")
        if (times := _content(self.file).count(self.text)) != 1:
            raise ValueError(f"{self.file} has the text {times} times, not once")
        named = _TEST.fullmatch(self.test)
        if named is None:
            raise ValueError(f"{self.test} is not the node id of a test")
        if f"def {named['name']}(" not in _content(named["file"]):
            raise ValueError(f"there is no test {self.test}")
        return self


_LIST = TypeAdapter(list[Guard])


def load_guards(rooms: Iterable[Path] | None = None) -> dict[str, list[Guard]]:
    """Return the guards by room, in the order of their files.

    Raises `ValueError` for a guard or a test that the code does not have, or a name given twice.
    """
    found = {
        path.stem: _LIST.validate_python(yaml.safe_load(path.read_text("utf-8")))
        for path in sorted(rooms or ROOMS.glob("*.yaml"))
    }
    names = [guard.protects for guards in found.values() for guard in guards]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two guards have one name: {', '.join(sorted(twice))}")
    return found


@cache
def _content(file: str) -> str:
    path = ROOT / file
    return path.read_text("utf-8") if path.is_file() else ""
