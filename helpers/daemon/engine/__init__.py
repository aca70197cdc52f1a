"""What the engine is asked about daemon."""
