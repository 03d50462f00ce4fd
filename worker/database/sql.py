"""SQL lives in files, one named query each; this reads them."""

from importlib import resources

__all__ = ["load_sql"]


def load_sql(package: str, name: str) -> str:
    """Return the query in `sql/<name>.sql` beside the modules of `package`."""
    return resources.files(package).joinpath("sql", f"{name}.sql").read_text("utf-8")
