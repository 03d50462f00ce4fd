"""Runs contenders over cases; what was judged before is read from where it is kept."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.cases import Case, Parts, parts_of
from tests.bench_suggestions.contenders import Contender
from tests.bench_suggestions.contenders.contender import digest_of
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.results import Result, from_json, result_of, to_json

__all__ = ["Kept", "judge", "kept_results"]

_HERE = Path(__file__).parent
_NAMES = ("table", "errors", "inject", "cases", "rule", "apply", "results", "place")
_CODE = [
    *(_HERE / f"{name}.py" for name in _NAMES),
    *(_HERE / "tables").glob("*.py"),
    _HERE / "contenders/contender.py",
]
"""What a result depends on beside the contender and the case."""


@dataclass(frozen=True)
class Kept:
    """Results of earlier runs, a file each."""

    folder: Path
    code: str

    @classmethod
    def in_folder(cls, folder: Path, *more_code: Path) -> "Kept":
        """Keep them in this folder; they depend on `more_code`, too."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, digest_of([*_CODE, *more_code]))

    def get(self, contender: Contender, case: Case) -> Result | None:
        """Return the result if this code has judged this contender in this case."""
        path = self._path(contender, case)
        return from_json(json.loads(path.read_text())) if path.exists() else None

    def put(self, contender: Contender, case: Case, result: Result) -> None:
        """Keep a result."""
        path = self._path(contender, case)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(to_json(result)))
        draft.rename(path)

    def _path(self, contender: Contender, case: Case) -> Path:
        of = f"{self.code} {contender.version()} {contender.name} {case}"
        return self.folder / f"{hashlib.sha256(of.encode()).hexdigest()[:32]}.json"


def kept_results(
    kept: Kept, cases: Sequence[Case], contenders: Sequence[Contender]
) -> tuple[list[Result], list[Case]]:
    """Return the results that are there, and the cases that still have to be judged."""
    results: list[Result] = []
    left: list[Case] = []
    for case in cases:
        found = [kept.get(one, case) for one in contenders]
        results += [one for one in found if one is not None]
        if None in found:
            left.append(case)
    return results, left


def judge(
    place: Place,
    kept: Kept,
    cases: Sequence[Case],
    contenders: Sequence[Contender],
    split: Callable[[Case, pa.Table], Parts] = parts_of,
) -> Iterator[Case]:
    """Judge what was not judged before and keep the results; yield each case that is done."""
    name, rows = "", pa.table({})
    for case in cases:
        if case.table.name != name:
            name, rows = case.table.name, case.table.load()
        parts = split(case, rows)
        missing = [one for one in contenders if kept.get(one, case) is None]
        past = Past(case.table, parts.past, case.seed)
        offers = [one.suggest(place, past) for one in missing]
        rules = [rule for offer in offers for rule in offer.rules]
        flagged = iter(
            apply_rules(
                place.engine.session, rules, [parts.past, parts.unseen, parts.wrong], place.folder
            )
        )
        for contender, offer in zip(missing, offers, strict=True):
            of_rules = [next(flagged) for _ in offer.rules]
            result = result_of(contender.name, case, parts, offer, of_rules)
            kept.put(contender, case, result)
        yield case
