"""Draws cases from the API documents: good, bad, at the borders, and as real clients send them."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.core.result import Err
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override

from bench.fuzz.described import DescribedCase
from bench.fuzz.meaning import CHECKS
from bench.fuzz.recordings import Recordings
from bench.fuzz.speech import audios, bodies, headers
from bench.fuzz.target import Target

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]
AUDIO_FORMAT = "audio-base64"
# 429 and 503 may come before a body is looked at.
REFUSALS = ["400", "401", "403", "404", "405", "408", "413", "415", "429", "503"]


@dataclass(frozen=True, slots=True)
class Source:
    """One way to make cases for one operation; `kind` is positive, negative or spoken."""

    target: Target
    path: str
    kind: str
    strategy: SearchStrategy[Case]

    def draw(self, count: int, seed: int) -> list[DescribedCase]:
        """At most `count` different cases, the same for the same seed."""
        cases: list[Case] = []
        seen: set[str] = set()

        def keep(case: Case) -> None:
            if len(cases) < count and (shown := repr(case)) not in seen:
                seen.add(shown)
                cases.append(case)

        test = given(self.strategy)(keep)
        test = settings(
            max_examples=2 * count, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(test)  # fmt: skip
        try:
            hypothesis.seed(f"{seed} {self.target.name} {self.path} {self.kind}")(test)()
        except Unsatisfiable:
            return []  # nothing can be wrong with a request that has no parts
        return [DescribedCase(self.target, case) for case in cases]


@dataclass(frozen=True, slots=True)
class Documented:
    """What one server's document gives: sources to draw from, and its border cases."""

    sources: list[Source]
    borders: list[DescribedCase]


def read_document(target: Target, recordings: Recordings, seed: int) -> Documented:
    """Fetch /openapi.json of a running server."""
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    schemathesis.openapi.format(AUDIO_FORMAT, audios(recordings))
    document = schemathesis.openapi.from_url(f"{target.url}/openapi.json", timeout=30)
    sources: list[Source] = []
    borders: list[DescribedCase] = []
    document.config.output.sanitization.enabled = False
    document.config.checks.negative_data_rejection.expected_statuses = REFUSALS
    for found in document.get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        operation = found.ok()
        path = operation.path
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)
            sources.append(Source(target, path, mode.value, strategy))
        if path in CHECKS:
            spoken = st.builds(_case_maker(operation), bodies(path, recordings), headers(path))
            sources.append(Source(target, path, "spoken", spoken))
        borders += [DescribedCase(target, case) for case in _borders(operation)]
    random.Random(seed).shuffle(borders)
    return Documented(sources, borders)


def _case_maker(operation: Operation) -> Callable[[dict[str, Any], dict[str, str]], Case]:
    media_type = next(body.media_type for body in operation.body)

    def make(body: dict[str, Any], given: dict[str, str]) -> Case:
        return operation.Case(body=body, media_type=media_type, headers=given)

    return make


def _borders(operation: Operation) -> Iterator[Case]:
    yield from CoverageGenerator(
        operation=operation,
        generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
        generation_config=operation.schema.config.generation_for(
            operation=operation, phase="coverage"
        ),
        auth_storage=None,
        override=Override(query={}, headers={}, cookies={}, path_parameters={}),
        feedback=NO_FEEDBACK,
    )
