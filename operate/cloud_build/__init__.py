"""The container image built in AWS: `make image-cloud`."""
