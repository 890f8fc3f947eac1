"""Cases made from a server's own API document, and what the document says of their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from schemathesis.core.errors import SerializationNotPossible
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, coverage_scenario
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from bench.fuzz.answers import ANSWER_SECONDS, CLOSED, Answer, Fault, Outcome, shortened
from bench.fuzz.followed import job_faults
from bench.fuzz.meaning import CHECKS, meaning_faults, reached
from bench.fuzz.rules import common_faults, error_faults, shape_faults
from bench.fuzz.target import Target, session
from bench.fuzz.wrongness import FORM, is_wrong

DOCUMENT_CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
]
# A good request may be refused for its meaning or size, or have to wait; nothing else.
GOOD = frozenset({200, 202, 400, 409, 413, 429, 503})
LEASES = ("/internal/drain", "/internal/batches")
# A made-up name has the right shape at best, and nothing behind it.
NAMING = ("/results/sign", "/jobs/", "/v1/")


FRAMING = {"expect", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class DescribedCase:
    """A request that schemathesis made, for one server."""

    target: Target
    case: schemathesis.Case[Any]

    @property
    def endpoint(self) -> str:
        if self.case.method.lower() != self.case.operation.method.lower():
            return f"{self.target.name} other methods"
        return f"{self.target.name} {self.case.method} {self.case.path}"

    def send(self) -> Outcome | None:
        """Send it and judge the answer; None when it cannot be put on the wire."""
        if FRAMING & {name.lower() for name in self.case.headers}:
            return None  # the HTTP server itself answers these, before any application
        try:
            answered = self.case.call(
                base_url=self.target.url, session=session(), timeout=ANSWER_SECONDS,
                allow_redirects=False,
            )  # fmt: skip
        except (SerializationNotPossible, requests.exceptions.InvalidHeader, UnicodeError):
            return None
        except requests.RequestException as error:
            late = isinstance(error, requests.Timeout)
            seconds = ANSWER_SECONDS + 1 if late else 0.0
            fault = Fault("answered in time" if late else "connection kept", repr(error)[:300])
            return self._outcome(Answer(CLOSED, seconds=seconds), [fault])
        if self.case.path in LEASES and answered.status_code == 200:
            self.target.resume()
        headers = {name.lower(): values[0] for name, values in answered.headers.items()}
        answer = Answer(answered.status_code, headers, answered.content or b"", answered.elapsed,
                        str(answered.request.method))  # fmt: skip
        return self._outcome(answer, list(self.faults(answer, answered)))

    def faults(self, answer: Answer, answered: schemathesis.Response) -> Iterator[Fault]:
        """Every rule that this answer breaks."""
        yield from common_faults(answer)
        yield from error_faults(answer)
        yield from shape_faults(self.case.path, answer)
        yield from meaning_faults(self.case.path, self.case.body, answer)
        if answer.status == 202:
            place = answer.headers.get("location")
            for detail in job_faults(self.target, place, answer.json()):
                yield Fault("job", detail)
        meta = self.case.meta
        positive = meta is None or meta.generation.mode.is_positive
        good = GOOD | {404} if self.case.path.startswith(NAMING) else GOOD
        if positive and answer.status not in good:
            yield Fault("good data is served", f"answered {answer.status}")
        probe = coverage_scenario(self.case) in CONTENT_TYPE_PROBES
        if probe and answer.status == 200 and answer.method == "POST" and self._takes_body():
            yield Fault("content type", "another type than JSON was taken")
        try:
            self.case.validate_response(answered, checks=DOCUMENT_CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                if isinstance(failure, AcceptedNegativeData) and not is_wrong(self.case):
                    continue
                if isinstance(failure, Failure):
                    yield Fault(failure.title, failure.message)

    def _takes_body(self) -> bool:
        return any(body.media_type != FORM for body in self.case.operation.body)

    def _outcome(self, answer: Answer, faults: list[Fault]) -> Outcome:
        path = self.case.path
        return Outcome(
            endpoint=self.endpoint,
            status=answer.status,
            seconds=answer.seconds,
            reached=path in CHECKS and reached(path, answer),
            faults=tuple(faults),
            reproduction=self.reproduction() if faults else "",
        )

    def reproduction(self) -> str:
        """A curl command, shortened."""
        try:
            command: Any = self.case.as_curl_command(base_url=self.target.url)
        except Exception as error:  # a body of bytes has no curl command
            command = f"{self.endpoint} {self.case!r} ({error!r})"
        return shortened(str(command))
