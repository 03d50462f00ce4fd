"""What the queue costs and how fast it is, measured: `make bench-queue`."""
