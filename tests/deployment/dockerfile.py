"""Reads a Dockerfile: its stages with their instructions."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "deploy/docker/Dockerfile"


@dataclass
class Stage:
    """A stage, what it is made from, and its instructions in order."""

    name: str
    parent: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, keyword: str) -> list[str]:
        return [text for one, text in self.instructions if one == keyword]

    def command(self, keyword: str) -> list[str]:
        """Return the words of an ENTRYPOINT or CMD, which has to be in exec form."""
        (text,) = self.all(keyword)
        words: list[str] = json.loads(text)
        return words


def stages() -> dict[str, Stage]:
    """Return the stages by name."""
    lines = [
        line
        for line in DOCKERFILE.read_text("utf-8").splitlines()
        if line and not line.lstrip().startswith("#")
    ]
    found: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, text = line.partition(" ")
        if keyword == "FROM":
            match = re.fullmatch(r"(\S+) AS (\S+)", text)
            assert match, f"a stage without a name: {line}"
            stage = found[match[2]] = Stage(match[2], match[1])
        else:
            assert stage is not None
            stage.instructions.append((keyword, " ".join(text.split())))
    return found
