"""Tables and scores of dqbench, in the bench's environment.

`dqbench_side.py make FOLDER SEED …` writes the tables of tiers 1 and 2 for each seed.
`dqbench_side.py score FOLDER` reads the columns that each tool found in `found.json`, as a list by
table by tool, and writes `scores.json`: precision and recall by table by tool.
"""

import importlib
import json
import random
import sys
from pathlib import Path

TIERS = (1, 2)


def make(folder: Path, seeds: list[int]) -> None:
    for tier in TIERS:
        module = importlib.import_module(f"dqbench.generator.tier{tier}")
        for seed in seeds:
            # The generator seeds itself: hand it another one.
            module.random = _Seeded(seed)  # type: ignore[attr-defined]
            frame, truth = getattr(module, f"generate_tier{tier}")()
            place = folder / f"tier{tier}-{seed}"
            place.mkdir(parents=True, exist_ok=True)
            frame.write_csv(place / "data.csv")
            (place / "truth.json").write_text(json.dumps(truth.model_dump()))
    (folder / "done").touch()


class _Seeded:
    """Stands in for the module `random`, with one seed for all generators."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def Random(self, _: object = None) -> random.Random:  # noqa: N802
        return random.Random(self._seed)  # noqa: S311

    def __getattr__(self, name: str) -> object:
        return getattr(random, name)


def score(folder: Path) -> None:
    finding = importlib.import_module("dqbench.models").DQBenchFinding
    load = importlib.import_module("dqbench.ground_truth").load_ground_truth
    score_tier = importlib.import_module("dqbench.scorer").score_tier
    scores: dict[str, dict[str, list[float]]] = {}
    for tool, tables in json.loads((folder / "found.json").read_text()).items():
        for table, columns in tables.items():
            truth = load(folder / table / "truth.json")
            findings = [finding(one, "error", "rule", "") for one in columns]
            result = score_tier(findings, truth, truth.tier, 0.0, 0.0)
            scores.setdefault(tool, {})[table] = [result.precision, result.recall, result.f1]
    (folder / "scores.json").write_text(json.dumps(scores))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), [int(one) for one in sys.argv[3:]])
    else:
        score(Path(sys.argv[2]))
