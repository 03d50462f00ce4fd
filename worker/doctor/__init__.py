"""Examines a set-up step by step, as `dqx-worker doctor` shows it; nothing that it does remains."""
