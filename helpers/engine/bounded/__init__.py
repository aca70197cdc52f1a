"""What keeps the course's use of an engine within bounds: of what comes back, and of what its own containers may."""
