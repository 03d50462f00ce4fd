"""What it takes to try and to test the worker without a cloud; not part of the product."""
