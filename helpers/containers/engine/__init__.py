"""What the engine is asked about containers."""
