"""What can go wrong, and the status that the command line ends with.

    GpuVoiceError             1
    ├── ConfigError           2  settings that cannot be used
    ├── MissingExtra          2  a package that only some commands need
    ├── Unreachable           3  nobody answered: name, connection, certificate, cut off
    ├── KeyRefused            4  401 or 403
    ├── RequestRefused        5  another 4xx: the request has to be changed
    ├── PowerMissing          5  this server cannot be turned on and off
    ├── NotReady              6  asleep, starting or busy for longer than one was ready to wait
    ├── ServerFailed          7  5xx, or an answer that is none
    └── VerificationFailed    8  a narration ended, and some clips are not as they should be

Each message is for a person and says what to do; keys are never in one.
"""

from __future__ import annotations


class GpuVoiceError(Exception):
    """The root of all."""

    exit_code = 1


class ConfigError(GpuVoiceError):
    exit_code = 2


class MissingExtra(GpuVoiceError):
    """A package that comes with `gpuvoice[EXTRA]`."""

    exit_code = 2

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs more packages: install gpuvoice[{extra}] from the checkout, with "
            f"pipx install --force './client[{extra}]' (or pip install './client[{extra}]')."
        )
        self.extra = extra


class Unreachable(GpuVoiceError):
    exit_code = 3


class KeyRefused(GpuVoiceError):
    exit_code = 4


class RequestRefused(GpuVoiceError):
    """`status` is that of the answer, 400 to 499."""

    exit_code = 5

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class PowerMissing(GpuVoiceError):
    exit_code = 5


class NotReady(GpuVoiceError):
    """`state` as in `/power/status`, empty where the server did not say; `eta_seconds` likewise."""

    exit_code = 6

    def __init__(self, message: str, *, state: str = "", eta_seconds: float | None = None) -> None:
        super().__init__(message)
        self.state = state
        self.eta_seconds = eta_seconds


class ServerFailed(GpuVoiceError):
    exit_code = 7


class VerificationFailed(GpuVoiceError):
    exit_code = 8
