"""What can be clicked in a question."""
