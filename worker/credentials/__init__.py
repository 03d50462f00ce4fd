"""Ways of getting a Postgres password."""
