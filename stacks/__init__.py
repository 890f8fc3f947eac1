"""What exists in AWS and who may touch it."""
