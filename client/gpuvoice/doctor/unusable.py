"""Settings that cannot be used: one failure, and what could not be looked at for it."""

from __future__ import annotations

from collections.abc import Iterator

from gpuvoice.doctor.account import check_account
from gpuvoice.doctor.finding import Finding, fail, skipped
from gpuvoice.errors import ConfigError

MEND = (
    "Correct it where it stands: option, environment or file. `gpuvoice config init --force` "
    "writes the file anew."
)
NEED_SETTINGS = (
    "connection",
    "speech server",
    "recognition server",
    "key",
    "pages (CORS)",
    "versions",
    "precision",
    "clock",
)


def examine_without(
    error: ConfigError, *, environment: str | None = None, region: str | None = None
) -> Iterator[Finding]:
    yield fail("settings", str(error), MEND)
    for check in NEED_SETTINGS:
        yield skipped(check, "the settings cannot be used")
    yield from check_account(environment, region)
