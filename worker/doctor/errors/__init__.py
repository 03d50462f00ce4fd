"""What the doctor says of its own accord, beside the errors of the rooms.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them. Those that return words are hints and remarks.
"""
