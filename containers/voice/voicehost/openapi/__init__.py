"""The API document, written from the same table that mounts the routes."""
