"""DQX's check functions and checks as data: words, identity, stored forms; pure functions."""
