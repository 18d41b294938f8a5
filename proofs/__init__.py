"""The theorem library: one module a theorem, read like a page of a textbook."""
