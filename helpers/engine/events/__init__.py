"""What the engine says that happened."""
