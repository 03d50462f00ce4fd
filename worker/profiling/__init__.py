"""Lets DQX profile a sample, and tries its checks on rows; ends in a `TableProfile`."""
