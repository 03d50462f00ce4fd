"""What can be wrong with a request that the command line inserts.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

__all__ = ["UnknownContract"]


class UnknownContract(Exception):
    """A request names a contract that the backend does not have."""


def unknown_contract(contract: str) -> UnknownContract:
    """`enqueue` was given a contract that the backend does not have.

    Cure: give the id of a contract, not its name.
    """
    return UnknownContract(f"There is no contract {contract}")
