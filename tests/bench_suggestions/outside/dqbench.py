"""dqbench as an outside judge, with its first two tiers. Nothing may be fitted to its third one.

A column counts as found if an offered rule flags a row of it; the same holds for each contender.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.contenders import Contender
from tests.bench_suggestions.outside.environment import run_outside
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.rule import Rule
from tests.bench_suggestions.table import BenchTable, Fold
from tests.bench_suggestions.tables.rows import from_csv
from worker.checks.column_names import columns_of, segments

__all__ = ["judge_with_dqbench"]

_SEEDS = (42, 43, 44)
_WEIGHTS = {"tier1": 0.2, "tier2": 0.4}
"""dqbench's own. The rest of its score is the third tier's."""
Found = Mapping[str, list[str]]
"""Columns by table."""


def judge_with_dqbench(place: Place, kept: Path, contenders: Sequence[Contender]) -> str:
    """Return dqbench's figures of the contenders as a table of Markdown."""
    folder = kept / "dqbench"
    if not (folder / "done").exists():
        run_outside("dqbench_side", "make", folder, *map(str, _SEEDS))
    tables = sorted(path.parent for path in folder.glob("tier*/data.csv"))
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for table in tables:
        for contender, columns in _found(place, table, contenders).items():
            found[contender][table.name] = columns
    (folder / "found.json").write_text(json.dumps(found))
    run_outside("dqbench_side", "score", folder)
    return _table(json.loads((folder / "scores.json").read_text()))


def _found(place: Place, table: Path, contenders: Sequence[Contender]) -> Found:
    """Return the columns in which each contender's rules flag a row."""
    rows = from_csv(table / "data.csv")
    past = Past(BenchTable(table.name, Fold.DEVELOPMENT, lambda: rows, {}), rows, seed=1)
    found: dict[str, list[str]] = {}
    for contender in contenders:
        rules = [one for one in contender.suggest(place, past).rules if one.offered]
        flagged = apply_rules(place.engine.session, rules, [rows], place.folder)
        found[contender.name] = sorted(
            {
                column
                for rule, (flags,) in zip(rules, flagged, strict=True)
                if flags.any()
                for column in _columns(rule)
            }
        )
    return found


def _columns(rule: Rule) -> set[str]:
    arguments = rule.metadata["check"]["arguments"]
    return {rule.column, *(".".join(segments(one)) for one in columns_of(arguments))}


def _table(scores: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Return precision, recall and F1 by tier, and dqbench's score with these two tiers alone."""
    tiers = list(_WEIGHTS)
    lines = [
        f"| mean of {len(_SEEDS)} seeds | "
        + " | ".join(f"{one}: precision, recall, F1" for one in tiers)
        + " | score of both tiers, of 100 |",
        "|---" * (len(tiers) + 2) + "|",
    ]
    for contender, tables in scores.items():
        cells, score = [], 0.0
        for tier in tiers:
            of_tier = [figures for name, figures in tables.items() if name.startswith(tier)]
            precision, recall, f1 = (mean(one) for one in zip(*of_tier, strict=True))
            cells.append(f"{100 * precision:.0f} %, {100 * recall:.0f} %, {f1:.2f}")
            score += 100 * _WEIGHTS[tier] / sum(_WEIGHTS.values()) * f1
        lines.append(f"| {contender} | {' | '.join(cells)} | {score:.1f} |")
    return "\n".join(lines)
