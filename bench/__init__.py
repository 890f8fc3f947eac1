"""Measurements: they print figures and, where a limit exists, fail beyond it."""
