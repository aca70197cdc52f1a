"""Base images: taken or built, checked, bundled."""
