"""A management library of NVIDIA's that answers figures from a file, for the real bindings."""
