"""What the terminal shows: tables, a live view, lines for people, JSON for programs."""
