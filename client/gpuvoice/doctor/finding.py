"""What a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True)
class Finding:
    """`found` is what there is, `mend` the sentence that says how to change it, if it should be."""

    check: str
    status: Status
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, "ok", found)


def warn(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "warn", found, mend)


def fail(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "fail", found, mend)


def skipped(check: str, found: str, mend: str = "") -> Finding:
    return Finding(check, "skipped", found, mend)


def failed(findings: Iterable[Finding]) -> bool:
    return any(finding.status == "fail" for finding in findings)
