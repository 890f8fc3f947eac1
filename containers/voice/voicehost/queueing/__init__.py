"""Bounded, fair queue and the scheduler thread that alone touches a model."""
