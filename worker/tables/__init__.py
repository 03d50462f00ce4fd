"""Which tables a contract may name, and the files of this machine: found, described and read."""
