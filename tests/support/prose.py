"""Idioms that the pages, the messages and the docstrings no longer use.

`python -m tests.support.prose` prints each use with a better wording, and exits with 1 if there are
any. To add an idiom, remove its last use first: this list never has exceptions.

Read are the pages, without their code, and the docstrings and other texts in `worker/` and
`deploy/`. A text is a string of at least three words. Names and comments are not read.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.links import ROOT, outside_fences, pages

# A regular expression in lower case, and what to write instead.
IDIOMS = {
    r"whoever": "name the person or the program: someone, a caller, another worker",
    r"(nobody|somebody else|somebody)'s": "held by no worker, held by another worker",
    r"nobody is at": "no worker holds it, no program works on it",
    r"somebody": "someone, another program",
    r"(is|are) another's": "is held by another worker",
    r"(can't|cannot|could not|can) be had": "is not available, could not be opened, exists",
    r"(is|are|be) to be had": "is available",
    r"tell(s|ing)? of": "report, describe",
    r"tells? whether": "return whether, report whether",
    r"all told": "in total",
    r"in vain": "without success",
    r"hardly ever": "almost never",
    r"gets? over it": "recovers",
    r"thrice": "three times",
    r"whence": "from where",
    r"lest": "so that … not",
    r"amidst": "during, within",
    r"till": "until",
    r"ere": "before",
    r"goes the way of": "checks in the order of",
    r"as it stands": "unchanged",
    r"merely": "only",
    r"with a try less": "with one attempt less",
    r"a try less": "one attempt less",
    r"where (it|they) (lasts?|fails?|breaks?|can't|cannot|ha(s|ve) to)": "if",
    r"where (there (is|are) (none|no one|nothing)|that is so|none (is|are|can))": "if",
    r"where nothing (is|are|has|can)": "if",
    r"with words that": "with a message that",
    r"all the same": "still, nevertheless",
    r"a row of failures": "consecutive failures",
    r"whilst|amongst": "while, among",
    r"none of (our|the worker's) business": "not used by the worker",
    r"stands? whoever": "survives",
    r"(of|by) java's": "of Java",
}
_PATTERN = re.compile(
    "|".join(rf"(?P<i{number}>\b(?:{idiom})\b)" for number, idiom in enumerate(IDIOMS)),
    re.IGNORECASE,
)
_BETTER = list(IDIOMS.values())
_CODE = re.compile(r"(`+)[^`]+\1")
_WORDS = 3


def found() -> list[str]:
    """Return a line for each use of an idiom."""
    lines = []
    for page in pages():
        lines += [f"{_place(page, hit)}" for hit in in_page(page.read_text("utf-8"))]
    for folder in ("worker", "deploy"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            lines += [f"{_place(file, hit)}" for hit in in_code(file.read_text("utf-8"))]
    return lines


def in_page(text: str) -> Iterator[tuple[int, str]]:
    """Return the number of each line of a page that has an idiom, and what to write."""
    for number, line in outside_fences(text):
        yield from ((number, words) for words in _idioms(_CODE.sub("", line)))


def in_code(text: str) -> Iterator[tuple[int, str]]:
    """Return the same for the texts of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines = node.value.splitlines() if len(node.value.split()) >= _WORDS else []
            for number, line in enumerate(lines, node.lineno):
                yield from ((number, words) for words in _idioms(line))


def _idioms(line: str) -> Iterator[str]:
    for match in _PATTERN.finditer(line):
        better = _BETTER[int(str(match.lastgroup)[1:])]
        yield f"'{match[0]}': write {better}"


def _place(file: Path, hit: tuple[int, str]) -> str:
    number, words = hit
    return f"{file.relative_to(ROOT)}:{number}: {words}"


if __name__ == "__main__":
    uses = found()
    print("\n".join(uses) or "No text has an idiom that was given up.")
    sys.exit(1 if uses else 0)
