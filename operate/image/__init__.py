"""The container image from this checkout: weights, build, push. See docs/image.md."""
