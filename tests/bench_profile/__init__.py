"""What profiling costs, beside stock DQX, in one run; see docs/profile-figures.md."""
