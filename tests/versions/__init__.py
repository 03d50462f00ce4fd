"""`make test-versions`: the short suite on every version that the pins admit."""
