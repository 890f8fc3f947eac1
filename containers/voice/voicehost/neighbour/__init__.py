"""The other server of this machine, and calls to it."""
