"""`make emulate`: the true stacks on the emulated cloud, from bootstrap to destroy."""
