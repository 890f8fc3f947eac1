"""Batch calls as single items, for work that outlives its request."""
