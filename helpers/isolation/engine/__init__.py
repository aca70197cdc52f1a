"""What the engine is asked about isolation."""
