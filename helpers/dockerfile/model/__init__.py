"""What a Dockerfile does: frozen data, and the logic on it."""
