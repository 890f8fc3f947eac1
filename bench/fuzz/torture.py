"""Hand-made requests, byte by byte, and what may come back for each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from bench.fuzz.answers import CLOSED, Answer, Fault, Outcome, shortened
from bench.fuzz.requests_raw import Allowed, RawRequest
from bench.fuzz.rules import common_faults, error_faults
from bench.fuzz.target import Target
from bench.fuzz.torture_bodies import body_requests
from bench.fuzz.torture_forms import form_requests
from bench.fuzz.torture_framing import framing_requests
from bench.fuzz.torture_headers import header_requests
from bench.fuzz.torture_paths import path_requests
from bench.fuzz.wire import exchange

WORK = {
    "tts": ("/generate", "/generate_batch", "/v1/audio/speech"),
    "whisperx": ("/transcribe", "/transcribe_batch", "/align", "/align_batch"),
}
LEASES = ("/internal/drain", "/internal/batches")
# The answer to a transfer coding that a server does not know: RFC 9112, section 6.1.
UNKNOWN_CODING = 501


@dataclass(frozen=True, slots=True)
class TortureCase:
    """One raw request for one server."""

    target: Target
    request: RawRequest

    @property
    def endpoint(self) -> str:
        return f"{self.target.name} by hand: {self.request.group}"

    def send(self) -> Outcome:
        answer = exchange(self.target.host, self.target.port, self.request)
        if self.request.path.endswith(LEASES) and answer.status == 200:
            self.target.resume()
        faults = tuple(self.faults(answer))
        return Outcome(
            self.endpoint, answer.status, answer.seconds, faults=faults,
            reproduction=self.reproduction() if faults else "",
        )  # fmt: skip

    def reproduction(self) -> str:
        """The bytes, shortened."""
        return shortened(f"{self.request.name}: {self.request.shown}")

    def faults(self, answer: Answer) -> Iterator[Fault]:
        """Every rule that this answer breaks."""
        allowed = self.request.allowed
        if answer.status != UNKNOWN_CODING or Allowed.PLAIN not in allowed:
            yield from common_faults(answer)
        name = self.request.name
        if answer.status == CLOSED:
            if Allowed.CLOSE not in allowed:
                yield Fault("answered", f"{name}: the connection was closed without an answer")
            return
        if answer.status < 400 and Allowed.PASS not in allowed:
            yield Fault("refused", f"{name}: was answered {answer.status}")
        if Allowed.PLAIN not in allowed:
            yield from error_faults(answer)
        if "injected" in answer.headers:
            yield Fault("no injected header", name)


def torture_cases(targets: Sequence[Target], seed: int) -> Iterator[TortureCase]:
    """Without end; mixed anew for each time through."""
    made = [case for target in targets for case in _all(target)]
    chance = random.Random(seed)
    for _ in cycle([None]):
        chance.shuffle(made)
        yield from made


def _all(target: Target) -> Iterator[TortureCase]:
    host = f"{target.host}:{target.port}"
    work = WORK[target.name]
    for request in (
        *body_requests(host, (*work, *LEASES)),
        *header_requests(host, work),
        *framing_requests(host, work),
        *path_requests(host, target.name, work),
        *form_requests(host),
    ):
        yield TortureCase(target, request)
