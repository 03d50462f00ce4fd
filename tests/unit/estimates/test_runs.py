"""The runs of texts, named by one character each."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from worker.patterns.text_runs import CLASSES, names_of_runs

_CHARACTERS = [*"0129ABZabz-- _@[`{/:", "é", "日", "𝄞", "\0", "\n"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("K-004711", "A-0"), ("abC12", "aA0"), ("--", "--"), ("ÄB", "ÄA"), ("", ""), ("0A0", "0A0")],
)
def test_each_run_is_one_character(text: str, name: str) -> None:
    assert names_of_runs(pa.array([text])).to_pylist() == [name]


def test_names_are_those_that_patterns_give() -> None:
    rng = np.random.default_rng(5)
    texts = pa.array(["".join(rng.choice(_CHARACTERS, rng.integers(0, 9))) for _ in range(2000)])
    for some in (texts, texts.slice(7, 1000), texts.slice(0, 0), pa.array(["", ""])):
        expected = some
        for name, characters in CLASSES.items():
            expected = pc.replace_substring_regex(expected, f"{characters}+", name)

        found = names_of_runs(some)

        found.validate(full=True)
        assert found.equals(expected)
