"""Questions, verdicts and progress, drawn."""
