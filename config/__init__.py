"""Typed settings of the stacks: `base.yaml`, one file per environment, and the release file."""
