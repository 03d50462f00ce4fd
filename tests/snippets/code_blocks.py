"""The code of docs/backend.md, block by block."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGE", "Block", "blocks", "only"]

PAGE = (Path(__file__).parents[2] / "docs/backend.md").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and the heading that it is below."""

    heading: str
    language: str
    text: str

    @property
    def statements(self) -> list[str]:
        """The statements of a block of SQL, without comments."""
        text = "\n".join(
            line for line in self.text.splitlines() if not line.lstrip().startswith("--")
        )
        return [one.strip() for one in text.split(";\n") if one.strip()]


def blocks(language: str) -> list[Block]:
    """Return the blocks of one language in their order."""
    return [block for block in _blocks() if block.language == language]


def only(language: str) -> str:
    """Return the text of the one block of a language."""
    (block,) = blocks(language)
    return block.text


def _blocks() -> Iterator[Block]:
    heading, inside = "", ""
    lines: list[str] = []
    for line in PAGE.splitlines():
        fence = re.fullmatch(r"```(\w*)", line)
        if fence and inside:
            yield Block(heading, inside, "\n".join([*lines, ""]))
            inside, lines = "", []
        elif fence:
            inside = fence[1] or "text"
        elif inside:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
