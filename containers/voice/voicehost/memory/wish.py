"""What a caller lets the audio store do with a call: its `Cache-Control`."""

from __future__ import annotations

from enum import Enum


class Wish(Enum):
    """USE what is kept; RENEW it, by making it again (`no-cache`); or NEITHER use nor keep
    anything (`no-store`)."""

    USE = "use"
    RENEW = "no-cache"
    NEITHER = "no-store"


def wish_of(cache_control: str) -> Wish:
    """The wish in a `Cache-Control` header; what is not known there is passed over."""
    asked = {part.strip().split("=", 1)[0].lower() for part in cache_control.split(",")}
    if Wish.NEITHER.value in asked:
        return Wish.NEITHER
    return Wish.RENEW if Wish.RENEW.value in asked else Wish.USE
