"""Proof that it works, room by room."""
