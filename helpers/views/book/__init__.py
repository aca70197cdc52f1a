"""The book: chapters as pages that need no kernel, no network and no script."""
