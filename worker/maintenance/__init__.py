"""What a worker does beside its runs, for itself and for all: presence, rescues, pruning."""
