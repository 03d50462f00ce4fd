from pathlib import Path

import pytest

from tests.unit.tables.options import options, resolved
from worker.spark.error_conditions import table_error
from worker.tables.errors import TableError

# What would break a line of a log, and more than a message shows.
ODD = "\u2028\x85" + "y" * 240


@pytest.mark.parametrize(
    "name",
    [
        *(f"a\x00{ODD}", f"s3://{ODD}", f"a {ODD}", f"csv.`/{ODD}`", f"system.`{ODD}`"),
        *(f"main.hr.`{ODD}`", f"`{ODD}`", f"../{ODD}.csv", f"/{ODD}", f"a{ODD}.csv"),
        *(f"./{ODD}", f"./{ODD}.json", f"./{ODD}.link"),
    ],
)
@pytest.mark.parametrize("rooted", [True, False])
def test_every_refusal_shows_the_name_on_one_line_and_cut(
    tmp_path: Path, name: str, rooted: bool
) -> None:
    root = tmp_path / "root"
    (root / ODD).mkdir(parents=True)
    (root / f"{ODD}.json").touch()
    (root / f"{ODD}.link").symlink_to(tmp_path)

    with pytest.raises(TableError) as caught:
        resolved(name, options(*[root] * rooted, tables=("main.shop.*",)))

    message = str(caught.value)
    assert message.isprintable()
    assert "??yyy" in message
    assert "yyy…" in message
    assert len(message) < 400


def test_an_error_of_a_table_that_may_be_read_shows_its_name_cut() -> None:
    table = resolved("y" * 1_000_000, options())
    message = str(table_error(table, RuntimeError("no such table")))
    assert "yyy…" in message
    assert len(message) < 400
