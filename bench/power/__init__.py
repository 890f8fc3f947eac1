"""The simulated world in which the power controller's own code decides."""
