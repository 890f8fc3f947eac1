"""Spans of time, as people write and read them."""

from __future__ import annotations

import re

import click

_HOURS = {"h": 1.0, "m": 1 / 60}
_PART = r"(\d+(?:\.\d+)?)([hm])"


class Hours(click.ParamType):  # type: ignore[type-arg]
    """`2h`, `90m`, `1h30m` or `0.5h`, in hours."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        text = str(value).strip().lower().replace("min", "m")
        hours = sum(float(number) * _HOURS[unit] for number, unit in re.findall(_PART, text))
        if not re.fullmatch(f"(?:{_PART})+", text) or hours <= 0:
            self.fail(f"{value!r} is no span of time; write it like 2h, 90m or 1h30m.", param, ctx)
        return hours


def span(seconds: float) -> str:
    """`48 s`, `2 min 5 s`, `3 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
