"""Servers as teams write them, without a thought of being hosted by another."""
