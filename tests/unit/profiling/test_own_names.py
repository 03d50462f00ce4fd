"""What was found in a profiled frame is given back under the columns' own names."""

import re

from worker.counting.check import Check
from worker.profiling.own_names import candidate_of_table, trial_of_frame
from worker.profiling.results import Candidate, Trial
from worker.sampling.rename_columns import Names


def test_a_candidate_and_its_trial_have_the_names_of_table_and_frame() -> None:
    new = "renamed_000000"
    names = Names({new: "Sepal.Length"}, {"`Sepal.Length`": new}, re.compile(new))
    check = Check("is_unique", {"columns": [new], "x": new}, f"{new}_is_unique", "warn")
    found = candidate_of_table(Candidate(check, "is_unique", new, f"of {new}"), names)
    assert (found.column, found.description) == ("`Sepal.Length`", "of Sepal.Length")
    assert found.check.name == "Sepal.Length_is_unique"
    assert found.check.arguments == {"columns": ["`Sepal.Length`"], "x": new}
    trial = trial_of_frame(Trial(found.column, found.check), names)
    assert (trial.column, trial.check.arguments["columns"]) == (new, [f"`{new}`"])
