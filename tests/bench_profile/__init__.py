"""What profiling costs, beside stock DQX, in one run; see docs/figures/profile.md."""
