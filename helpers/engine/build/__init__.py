"""Building images: the classic builder and BuildKit."""
