"""What the engine is asked about layers."""
