"""The drawing kit: figures, tables, text, pictures that change in place."""
