"""The ports of the controller over AWS."""
