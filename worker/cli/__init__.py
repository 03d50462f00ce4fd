"""The command line: what people and job runners type, and what it prints."""

import sys

from worker.cli.errors import unsupported_python

_CONFIGURATION = 3

# Before anything else is imported: what it imports may not even be there for this Python.
if not (3, 11) <= sys.version_info[:2] < (3, 13):
    print(f"dqx-worker: {unsupported_python(sys.version.split()[0])}", file=sys.stderr)
    sys.exit(_CONFIGURATION)
