"""One construct a file; each takes what it needs, never the whole settings."""
