"""How rows are known that are drawn once more beside others."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

__all__ = ["AGAIN", "MARK", "column_of"]

# A dot makes these the names of no columns that are profiled.
AGAIN = "drawn. once more"
MARK = "mark. of the row"


def column_of(name: str) -> "Column":
    """Return the column of just this name."""
    from pyspark.sql import functions

    return functions.col("`" + name.replace("`", "``") + "`")
