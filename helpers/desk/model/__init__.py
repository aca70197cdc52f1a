"""What the desk knows, as plain data: no engine, no page."""
