"""The audio store: results by the hash of everything that shaped them."""
