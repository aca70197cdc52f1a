"""What the engine is asked about images."""
