"""Counts what DQX decides by, in few passes, and answers its builders from that."""
