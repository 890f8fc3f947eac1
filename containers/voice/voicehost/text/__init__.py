"""Texts as they come from clients, made ready to speak."""
