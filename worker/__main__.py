"""The process `dqx-worker`, also as `python -m worker`: it obeys signals before it imports."""

from worker.cli.early_signals import end_at_signals
from worker.concurrency.uncollected_imports import uncollected_imports

__all__ = ["main"]


def main() -> None:
    """Run the command line; return on success, else raise `SystemExit` with the exit code."""
    end_at_signals()
    with uncollected_imports():
        from worker.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
