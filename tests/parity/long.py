"""Whether the long form runs: that of `make test-parity`."""

import os

__all__ = ["EXAMPLES", "LONG", "SEED"]

LONG = "EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
SEED = int(os.environ.get("SEED", "0"))
