"""Finding one's way in what was found."""

from __future__ import annotations

from collections.abc import Iterable

from gpuvoice.doctor.finding import Finding


def by_check(findings: Iterable[Finding]) -> dict[str, Finding]:
    """By name; of several with one name the last."""
    return {finding.check: finding for finding in findings}


def statuses(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.check: finding.status for finding in findings}
