"""The keys that are valid now: those of the settings, and those fetched while the server runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from voicehost.errors import NotReady
from voicehost.key_format import ReadKeys
from voicehost.keys import Key, KeyRing
from voicehost.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 1.0
MOST_RETRY_SECONDS = 30.0
# An unknown key may be a new one; whoever tries keys must not have the secret fetched each time.
EARLY_PERIOD_SECONDS = 30.0
EARLY_WAIT_SECONDS = 5.0


class KeysUnavailable(Exception):
    """Keys cannot be fetched now; the message is a word for the log, such as an error's code."""


class KeySource(Protocol):
    """A place to fetch keys from."""

    name: str

    def fetch(self) -> ReadKeys:
        """All keys that are there now. Raises KeysUnavailable."""


@dataclass(frozen=True, slots=True)
class KeysNow:
    """`seconds` since all keys were fetched, or since the start while they never were."""

    stage: Literal["fetching", "ready", "stale"]
    detail: str
    seconds: float


class KeyStore:
    """Finds keys, and refreshes those of its sources on a thread of its own.

    A source that fails keeps the keys it gave last. An unknown key has the thread fetch at once,
    though seldom, so that a new key works within half a minute.
    """

    def __init__(
        self,
        local: KeyRing,
        sources: Sequence[KeySource] = (),
        *,
        metrics: Metrics,
        refresh_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.anonymous = not local.keys and not sources
        self.sources = tuple(sources)
        self._local = local
        self._ring = local
        self._fetched: dict[str, tuple[Key, ...]] = {}
        self._metrics = metrics
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._fine_at = clock()
        self._failing: frozenset[str] = frozenset()
        self._changed = threading.Condition()
        self._next_early = clock()
        self._wanted = False
        self._closed = False
        self._begun = self._ended = 0

    @property
    def ready(self) -> bool:
        """Whether each source has given its keys at least once."""
        return len(self._fetched) == len(self.sources)

    def check_ready(self) -> None:
        """Raise NotReady until all keys have been fetched."""
        if not self.ready:
            raise NotReady(
                "The keys have not been fetched yet; /ready shows how far the server is. "
                "Try again in a moment.",
                retry_after=5,
            )

    def find(self, presented: str) -> Key | None:
        """The valid key that matches; waits for fresh keys, now and then, before it says none."""
        found = self._ring.find(presented)
        if found is None and self._fetched_early():
            found = self._ring.find(presented)
        return found

    def limit_of(self, name: str) -> int | None:
        """The most pieces of work that may wait for this name, where its key has a limit."""
        return self._ring.limit_of(name)

    def knows(self, name: str) -> bool:
        """Whether there is a valid key of this name."""
        return self._ring.knows(name)

    def now(self) -> KeysNow:
        seconds = self._clock() - self._fine_at
        if not self.ready:
            return KeysNow("fetching", "No call can be let in before the keys are here.", seconds)
        if self._failing:
            return KeysNow("stale", "The keys could not be refreshed; the last ones hold.", seconds)
        return KeysNow("ready", "", seconds)

    def start(self) -> None:
        if self.sources:
            threading.Thread(target=self._main, name="keys", daemon=True).start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fetched_early(self) -> bool:
        with self._changed:
            now = self._clock()
            if not self.sources or not self.ready or now < self._next_early:
                return False
            self._next_early = now + EARLY_PERIOD_SECONDS
            self._wanted = True
            # A fetch that is under way may have missed the key.
            begun = self._begun
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._ended > begun, EARLY_WAIT_SECONDS)

    def _main(self) -> None:
        pause = FIRST_RETRY_SECONDS
        while not self._closed:
            with self._changed:
                self._wanted = False
                self._begun += 1
            outcomes = [self._refresh(source) for source in self.sources]
            fine = all(outcomes)
            if fine:
                self._fine_at = self._clock()
            wait = self._refresh_seconds if fine else min(pause, self._refresh_seconds)
            pause = FIRST_RETRY_SECONDS if fine else min(2 * pause, MOST_RETRY_SECONDS)
            with self._changed:
                self._ended = self._begun
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._wanted or self._closed, wait)

    def _refresh(self, source: KeySource) -> bool:
        try:
            found = source.fetch()
        except KeysUnavailable as error:
            log.warning("keys not fetched", extra={"source": source.name, "reason": str(error)})
        except Exception:
            log.exception("keys not fetched", extra={"source": source.name})
        else:
            if found.wrong:
                log.warning(
                    "keys skipped that cannot be read",
                    extra={"source": source.name, "entries": found.wrong},
                )
                self._metrics.add("KeyEntriesSkipped", len(found.wrong), "Count")
            self._failing -= {source.name}
            self._take(source.name, found.keys)
            return True
        self._failing |= {source.name}
        self._metrics.add("KeyRefreshFailures", 1, "Count")
        return False

    def _take(self, name: str, keys: tuple[Key, ...]) -> None:
        self._fetched = {**self._fetched, name: keys}
        fetched = [key for part in self._fetched.values() for key in part]
        self._ring = KeyRing((*self._local.keys, *fetched))
