"""What the command line says of its own accord.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them. Imports nothing: it has to work where nothing else does.
"""

__all__ = ["no_run", "unsupported_python"]


def unsupported_python(version: str) -> str:
    """DQX 0.17 runs on Python 3.10 to 3.12, Spark 4.1 and newer on 3.11 and later.

    Cure: install the worker with Python 3.11 or 3.12.
    """
    return f"dqx-worker needs Python 3.11 or 3.12, this is {version}"


def no_run(run: str) -> str:
    """`status` was asked for a run that the backend does not have.

    Cure: `dqx-worker status` lists the newest runs.
    """
    return f"There is no run {run}"
