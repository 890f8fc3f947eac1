"""Whether the two servers are there, are the right ones, and can work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gpuvoice.addresses import shown
from gpuvoice.config import ClientConfig
from gpuvoice.doctor.asking import Answer, Asker
from gpuvoice.doctor.finding import Finding, fail, ok, warn

Name = Literal["speech", "recognition"]
ENGINES: Mapping[str, Name] = {"qwen3-tts": "speech", "whisperx": "recognition"}
PATHS: Mapping[Name, str] = {"speech": "/tts", "recognition": "/whisperx"}
# States of the power switch that the next call with a key ends, and others that it does not.
WAITING = {"asleep": "asleep", "stopping": "being stopped", "starting": "starting",
           "recovering": "being made ready again"}  # fmt: skip
HELD = {
    "quiet": ("asleep, in quiet hours", "`gpuvoice up --force` starts it all the same."),
    "budget": ("off: the month's budget is used up", "A lease with --override-budget starts it."),
    "backoff": ("asleep; its last start failed", "`gpuvoice status` says why; `gpuvoice up --force`"
                " tries again."),
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What one server answered to a look without a key."""

    name: Name
    url: str
    health: Answer
    ready: Answer

    @property
    def answers(self) -> bool:
        """Whether the server itself answers, and not whoever stands in while it sleeps."""
        return self.health.status == 200 and self.health.body.get("status") == "ok"

    @property
    def told(self) -> Mapping[str, Any]:
        return self.health.body if self.answers else {}


def look(config: ClientConfig, asker: Asker, origin: str | None = None) -> tuple[Seen, Seen]:
    """Speech, recognition. `origin` is the page on whose behalf is looked."""
    headers = {"Origin": origin} if origin else {}

    def seen(name: Name, url: str) -> Seen:
        health = asker.look(f"{url}/health", headers)
        return Seen(
            name, shown(url), health, asker.look(f"{url}/ready") if health.there else health
        )

    return seen("speech", config.speech_url), seen("recognition", config.recognition_url)


def check_server(seen: Seen) -> Finding:
    """One server: whether a call would be answered, now or after a start."""
    what, health = f"{seen.name} server", seen.health
    if not health.there:
        return fail(
            what,
            f"no answer from {seen.url}: {health.error}",
            "Start it (`make run`, `gpuvoice proxy`), or name another: `gpuvoice config init`.",
        )
    if seen.answers:
        return _swapped(seen) or _ready(what, seen)
    state = str(health.body.get("state") or "")
    if state in WAITING or state in HELD:
        return _asleep(what, health, state)
    return _strange(what, seen)


def _ready(what: str, seen: Seen) -> Finding:
    if seen.ready.status == 200:
        return ok(what, f"ready: {seen.told.get('model', 'its model is warm')}")
    parts = {**(seen.ready.body.get("models") or {}), "keys": seen.ready.body.get("keys") or {}}
    late = {name: part for name, part in parts.items() if part.get("stage", "ready") != "ready"}
    stages = ", ".join(f"{name}: {part['stage']}" for name, part in late.items())
    found = f"answers, not ready yet ({stages or seen.ready.said})"
    if any(part["stage"] == "failed" for part in late.values()):
        return fail(
            what, found, "The model does not load; the server's log says why (docs/gpu.md)."
        )
    return warn(what, found, "Wait a minute or two and look again.")


def _asleep(what: str, health: Answer, state: str) -> Finding:
    usual, eta = (_minutes(health.body.get(name)) for name in ("usual_seconds", "eta_seconds"))
    if state in HELD:
        return warn(what, *HELD[state])
    if state in ("starting", "recovering") and eta:
        return ok(what, f"{WAITING[state]}; it should be there in {eta}")
    takes = f"; a start usually takes {usual}" if usual else ""
    return ok(what, f"{WAITING[state]}{takes}. A call with a key, or `gpuvoice up`, starts it")


def _strange(what: str, seen: Seen) -> Finding:
    health = seen.health
    if health.status in (301, 302, 303, 307, 308):
        target = str(health.headers.get("location", "")).removesuffix("/health")
        return fail(what, f"{seen.url} sends callers elsewhere", f"Use the address {target}")
    if health.status in (502, 503, 504):
        return fail(
            what,
            f"the load balancer has no server to hand calls to ({health.status})",
            "Wait a minute: the power controller puts itself there while the GPU sleeps. If it "
            "stays, see docs/runbook.md.",
        )
    if health.status in (401, 403):
        return fail(
            what,
            f"/health is refused: {health.said}",
            "It is public on these servers. Something before them asks for more (a proxy, a WAF), "
            "or it is called by a name that it does not answer to.",
        )
    return fail(
        what,
        f"what answers at {seen.url} is not this server ({health.status})",
        f"Is the path right? A deployment has it under {PATHS[seen.name]}, a laptop under its "
        "own port.",
    )


def _swapped(seen: Seen) -> Finding | None:
    engine = str(seen.told.get("engine"))
    if ENGINES.get(engine, seen.name) == seen.name:
        return None
    return fail(
        f"{seen.name} server",
        f"at {seen.url} answers the {ENGINES[engine]} server",
        "Swap the two URLs: `gpuvoice config show` says where each comes from.",
    )


def check_servers(both: tuple[Seen, Seen]) -> Iterator[Finding]:
    for seen in both:
        yield check_server(seen)


def _minutes(seconds: object) -> str:
    if not isinstance(seconds, (int, float)):
        return ""
    return f"{max(1, round(seconds / 60))} min"
