"""What runs in the bench's own environment: packages that the product never needs."""
