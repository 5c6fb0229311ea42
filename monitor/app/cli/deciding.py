"""Commands by which people decide, and ask who would be told what: each adds to the history."""
