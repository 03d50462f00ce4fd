"""What a process needs of the database and the workspace: at the start, and while it works."""
