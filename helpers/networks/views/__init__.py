"""Networks, drawn."""
