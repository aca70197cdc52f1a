"""What the engine is asked about networks."""
