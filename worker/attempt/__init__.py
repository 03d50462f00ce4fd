"""One attempt at one run: plan its tables, profile them, write what they give, end the run."""
