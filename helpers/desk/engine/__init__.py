"""What the desk asks the engine, and how it follows it."""
