"""What the engine is asked about packaging."""
