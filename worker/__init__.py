"""dqx-worker: turns profiling requests in Postgres into data-quality rule suggestions."""

__version__ = "0.1.0"
