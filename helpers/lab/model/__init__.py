"""Tasks, verdicts and progress as plain data."""
