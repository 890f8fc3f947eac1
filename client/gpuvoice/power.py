"""The GPU's power: how far a start is, and turning it on and off. See docs/power.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gpuvoice.config import ClientConfig
from gpuvoice.errors import NotReady, PowerMissing, RequestRefused
from gpuvoice.http import Patience, Server
from gpuvoice.waiting import FINAL, OnWait

LOOK_SECONDS = 3.0
# A start that is later than this has failed several times over.
LONGEST_START_SECONDS = 3600.0
MISSING = (
    "This server has no power switch: it is on as long as it runs. With a GPU in the cloud, name "
    "it: --url https://gpu.example.com"
)


@dataclass(frozen=True)
class Stage:
    """One step of a start: seconds that it took, and takes as a rule (half, nine of ten)."""

    name: str
    reached: bool
    seconds: float | None
    usual_seconds: float | None
    slow_seconds: float | None


@dataclass(frozen=True)
class PowerStatus:
    """`state` is asleep, starting, on, stopping, recovering, quiet, budget or backoff.

    `data` is the whole answer of `GET /power/status`.
    """

    state: str
    eta_seconds: float
    usual_seconds: float
    data: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> PowerStatus:
        eta, usual = data.get("eta_seconds"), data.get("usual_seconds")
        return cls(str(data.get("state") or "unknown"), float(eta or 0), float(usual or 0), data)

    @property
    def slot(self) -> Mapping[str, Any]:
        """The live slot that callers reach, or {}."""
        slots = [each for each in (self.data.get("slots") or {}).values() if each.get("live")]
        main = next((each for each in slots if each.get("main")), None)
        return main or (slots[0] if slots else {})

    @property
    def stages(self) -> list[Stage]:
        return [
            Stage(
                str(each["stage"]),
                each.get("reached_at") is not None,
                each.get("seconds"),
                each.get("usual_seconds"),
                each.get("slow_seconds"),
            )
            for each in self.slot.get("stages") or []
        ]


class Power(Server):
    """The power switch of a deployment. Calls raise PowerMissing where there is none."""

    def __init__(
        self,
        config: ClientConfig,
        *,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
        on_wait: OnWait | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(
            "power switch",
            config.power_url,
            config.api_key,
            transport=transport,
            patience=patience,
            on_wait=on_wait,
            silence_seconds=30.0,
            sleep=sleep,
        )

    def status(self) -> PowerStatus:
        return PowerStatus.read(self._told("GET", "/status"))

    def start(self, *, force: bool = False, reason: str | None = None) -> dict[str, Any]:
        """Ask for the GPU; `force` passes quiet hours and the pause after a failed start."""
        return self._told("POST", "/start", _given(force=force or None, reason=reason))

    def stop(self, *, force: bool = False, reason: str | None = None) -> dict[str, Any]:
        """Ask for a stop at the first moment without work; `force` passes others' leases."""
        return self._told("POST", "/stop", _given(force=force or None, reason=reason))

    def leases(self) -> list[dict[str, Any]]:
        return list(self._told("GET", "/lease").get("leases") or [])

    def lease(
        self, hours: float, reason: str | None = None, *, override_budget: bool = False
    ) -> dict[str, Any]:
        """Keep it on for so long; the answer has `lease` with its `id`.

        A lost answer is not asked for again, since it might make a second one: see `leases`.
        """
        fields = _given(hours=hours, reason=reason, override_budget=override_budget or None)
        return self._told("POST", "/lease", fields, twice=False)

    def extend_lease(self, lease_id: str, hours: float) -> dict[str, Any]:
        """So many hours from now on, whatever was left of it."""
        return self._told("POST", f"/lease/{lease_id}", {"hours": hours})

    def release_lease(self, lease_id: str) -> dict[str, Any]:
        return self._told("DELETE", f"/lease/{lease_id}")

    def wait_until_on(
        self,
        on_progress: Callable[[PowerStatus], None] | None = None,
        *,
        seconds: float = LONGEST_START_SECONDS,
    ) -> PowerStatus:
        """Look until it is on. Raises NotReady in a state that ends by itself only much later,
        or after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            status = self.status()
            if on_progress is not None:
                on_progress(status)
            if status.state == "on":
                return status
            if status.state in FINAL or time.monotonic() > end:
                raise NotReady(
                    f"The GPU does not come on: its state is '{status.state}'. "
                    "`gpuvoice status` says more.",
                    state=status.state,
                    eta_seconds=status.eta_seconds,
                )
            self._sleep(LOOK_SECONDS)

    def _told(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, twice: bool = True
    ) -> dict[str, Any]:
        try:
            return self.ask(method, path, body, twice=twice)
        except RequestRefused as error:
            if error.status in (404, 405) and not path.startswith("/lease/"):
                raise PowerMissing(MISSING) from None
            raise


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
