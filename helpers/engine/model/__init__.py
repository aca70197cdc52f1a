"""Docker's nouns as plain data."""
