"""Reading, writing and joining audio."""
