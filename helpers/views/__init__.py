"""Model in, Figure out: pictures, tables, sentences."""
