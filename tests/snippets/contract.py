"""The contract that the code of docs/backend.md is tried on: its tables are stand-ins."""

from deploy.sandbox.sample_contracts import Contract, Property, Schema

__all__ = ["CONTRACT"]

CONTRACT = Contract(
    "sales",
    "Sales",
    (
        Schema(
            "orders",
            "stand_in.1.4",
            "",
            tuple(Property(f"c{number}", "string", "STRING", False) for number in range(3)),
        ),
        Schema("items", "stand_in.1.2", "", ()),
        Schema("broken", "stand_in.fails", "", ()),
        Schema("endless", "stand_in.600000.1", "", ()),
    ),
)
