"""The worker's counts beside stock DQX: see docs/parity.md."""
