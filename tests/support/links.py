"""Checks that every relative link of the pages leads to a file, and to a heading of it.

`python -m tests.support.links` prints the links that do not, and exits with 1 if there are any.
Addresses of other sites are not followed.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6} +(.*?) *#*")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_CODE = re.compile(r"`+[^`]*`+")


def pages() -> list[Path]:
    """Return the pages that people read, in order."""
    folders = ("docs", "deploy", "worker", ".github")
    below = (page for folder in folders for page in (ROOT / folder).rglob("*.md"))
    return sorted([*ROOT.glob("*.md"), *below])


def broken(pages: Mapping[Path, str]) -> list[str]:
    """Return a line for each link that leads nowhere."""
    return [
        f"{page.name}:{number}: {target}"
        for page, text in pages.items()
        for number, target in _links(text)
        if not _leads_somewhere(page, target, pages)
    ]


def anchors(text: str) -> list[str]:
    """Return the anchors of a page in order, as GitHub makes them of its headings."""
    found: list[str] = []
    for _, line in outside_fences(text):
        if match := _HEADING.fullmatch(line):
            anchor = re.sub(r"[^\w\- ]", "", match[1].lower()).replace(" ", "-")
            count = 0
            while (unique := f"{anchor}-{count}" if count else anchor) in found:
                count += 1
            found.append(unique)
    return found


def _links(text: str) -> Iterator[tuple[int, str]]:
    for number, line in outside_fences(text):
        for match in _LINK.finditer(_CODE.sub("", line)):
            if not _ELSEWHERE.match(match[1]):
                yield number, match[1]


def outside_fences(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if match and fence in ("", match[1]):
            fence = "" if fence else match[1]
        elif not fence:
            yield number, line


def _leads_somewhere(page: Path, target: str, pages: Mapping[Path, str]) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists():
        return False
    if not anchor:
        return True
    text = pages.get(file)
    return text is not None and anchor in anchors(text)


if __name__ == "__main__":
    lines = broken({page: page.read_text("utf-8") for page in pages()})
    print("\n".join(lines) or "Every relative link of the pages leads somewhere.")
    sys.exit(1 if lines else 0)
