"""`make image-test`: the true Dockerfile, built and run with small checkpoints and no registry."""
