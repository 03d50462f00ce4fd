"""`python -m tests.bench_suggestions [PART]`: stock DQX and this worker, judged side by side.

Parts: `all` tables (the default), `quick` (development tables and few cases), `kinds` (what the
columns are taken for), `time` (a table of 100 columns), and, in the environment of
`make .venv-bench/installed`, the outside judges `dqbench` and `tab-err`.
"""

import argparse
import logging
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from tests.bench_suggestions.cases import CLEAN, Case, Dirt, Parts, cases, parts_of
from tests.bench_suggestions.contenders import CONTENDERS, ITSELF, QUICK, Contender
from tests.bench_suggestions.fit import fit_confidence
from tests.bench_suggestions.kinds import judge_kinds
from tests.bench_suggestions.outside import tab_err
from tests.bench_suggestions.outside.dqbench import judge_with_dqbench
from tests.bench_suggestions.place import Place
from tests.bench_suggestions.report import report
from tests.bench_suggestions.run import Kept, judge, kept_results
from tests.bench_suggestions.table import Fold
from tests.bench_suggestions.tables import tables
from tests.bench_suggestions.timing import time_contenders
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

_KEPT = Path(tempfile.gettempdir()) / "dqx-bench-suggestions"
_DIRTS = (
    CLEAN,
    *(Dirt(share, one_column) for one_column in (False, True) for share in (0.005, 0.02)),
)
_PARTS = ("all", "quick", "kinds", "time", "dqbench", "tab-err", "fit")


def main(arguments: argparse.Namespace) -> None:
    """Run one part and print its figures."""
    began = time.monotonic()
    part, kept = arguments.part, arguments.kept
    names = arguments.contenders or (QUICK if part == "quick" else list(CONTENDERS))
    chosen = [{**CONTENDERS, **ITSELF}[one] for one in names]
    match part:
        case "kinds":
            print(judge_kinds(tables(kept, list(Fold))))
        case "time":
            with _place() as place:
                print(time_contenders(place, chosen))
        case "fit":
            with _place() as place:
                for line in fit_confidence(place, tables(kept, [Fold.DEVELOPMENT])):
                    print(line, flush=True)
        case "dqbench":
            with _place() as place:
                print(judge_with_dqbench(place, kept, chosen))
        case _:
            quick = part == "quick"
            folds = [Fold.DEVELOPMENT] if quick else [Fold(one) for one in arguments.folds]
            dirts = {"quick": _DIRTS[:2], "tab-err": _DIRTS[:1]}.get(part, _DIRTS)
            wanted = cases(tables(kept, folds), dirts, range(1, arguments.seeds + 1))
            if part == "tab-err":
                results = Kept.in_folder(kept / "tab-err", *tab_err.CODE)
                _judge(results, list(wanted), chosen, tab_err.parts_with_tab_err)
            else:
                _judge(Kept.in_folder(kept / "results"), list(wanted), chosen, parts_of)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load at the end {load}; "
        f"{(time.monotonic() - began) / 60:.1f} minutes"
    )


def _judge(
    kept: Kept,
    wanted: Sequence[Case],
    chosen: Sequence[Contender],
    split: Callable[[Case, pa.Table], Parts],
) -> None:
    """Judge the cases that were not judged before, and report on all of them."""
    began = time.monotonic()
    _, left = kept_results(kept, wanted, chosen)
    print(f"{len(wanted)} cases, {len(wanted) - len(left)} of them judged before", flush=True)
    if left:
        with _place() as place:
            for case in judge(place, kept, left, chosen, split):
                print(f"{time.monotonic() - began:5.0f} s  {case}", flush=True)
    results, _ = kept_results(kept, wanted, chosen)
    for fold in Fold:
        found = [one for one in results if one.fold == fold]
        if found:
            names = ", ".join(dict.fromkeys(one.table for one in found))
            print(f"\n## Tables for {fold}\n\n{names}\n")
            print(report(found, [one.name for one in chosen]))


@contextmanager
def _place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="dqx-bench-") as name:
        place = Place.started(Path(name))
        try:
            yield place
        finally:
            place.engine.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_suggestions", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=_PARTS)
    parser.add_argument("--folds", nargs="+", default=list(Fold), choices=list(Fold))
    parser.add_argument("--contenders", nargs="+", metavar="NAME", choices=[*CONTENDERS, *ITSELF])
    parser.add_argument("--seeds", type=int, default=1, help="number of random splits")
    parser.add_argument("--kept", type=Path, default=_KEPT, help="folder of earlier results")
    return parser


if __name__ == "__main__":
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    # DQX logs a line for each rule.
    logging.disable(logging.INFO)
    main(_parser().parse_args())
