"""How much the comparisons take up: all of it in `make test-parity` and `make test-long`."""

import os

from tests.support.long_form import LONG

__all__ = ["EXAMPLES", "LONG", "SEED"]

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
SEED = int(os.environ.get("SEED", "0"))
