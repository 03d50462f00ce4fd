"""Do suggestions hold tomorrow? Stock DQX and this worker; see docs/figures/suggestions.md."""
