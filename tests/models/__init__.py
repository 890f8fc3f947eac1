"""The servers with the true model packages and tiny random checkpoints, on a CPU."""
