"""What deploy/ promises: the image, the compose files."""
