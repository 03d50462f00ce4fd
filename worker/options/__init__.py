"""What every room says its settings with: a setting beside its option, and kinds of values."""
