"""What checks ask the engine."""
