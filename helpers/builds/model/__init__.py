"""What a build takes from the cache and what it runs: frozen data, and the logic on it."""
