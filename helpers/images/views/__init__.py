"""Images, drawn."""
