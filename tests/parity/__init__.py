"""The worker's counts beside stock DQX: see docs/figures/parity.md."""
