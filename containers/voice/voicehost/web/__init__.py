"""What every request passes: one concern a module, each with an `init_app`."""
