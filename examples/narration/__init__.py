"""A narrated presentation: spoken, verified, aligned, and subtitled."""
