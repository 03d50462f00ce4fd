"""The imports of the process that tests/support/forked_commands.py forks: all that workers use."""

import sys
from importlib import import_module

# For pyspark, which takes a main module without a file for a doctest of its own, and ends.
vars(sys.modules["__main__"]).setdefault("__file__", __file__)

for _module in (
    "tests.chaos.worker",
    "worker.cli.main",
    "worker.doctor.examine",
    "worker.process.job",
    "worker.process.worker",
    "cryptography.x509",
    "databricks.labs.dqx.profiler.profiler",
    "databricks.sdk",
    "pyspark.sql",
):
    import_module(_module)
