"""A neighbour that the server imports by its plain name."""
# mypy: ignore-errors


def tone(count):
    return b"\x00\x10" * 240 * count
