"""Checks of the synthesized templates by tools of others."""
