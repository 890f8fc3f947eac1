"""Whether a take is good enough, and which of two is the better one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gpuvoice.narration.script import Segment
from gpuvoice.narration.settings import Models, Settings
from gpuvoice.narration.shelf import Kept
from gpuvoice.narration.spoken_text import spoken
from gpuvoice.narration.take import Take
from gpuvoice.narration.word_errors import Comparison, compare


@dataclass(frozen=True)
class Judgement:
    """`unheard` is why it could not be listened to, `alone` why there is no further take."""

    kept: Kept
    segment: Segment
    settings: Settings
    models: Models
    unheard: str = ""
    alone: str = ""

    @cached_property
    def comparison(self) -> Comparison | None:
        """None where nobody listened."""
        heard = self.kept.take.heard
        if heard is None or self.settings.verify is None or self.unheard:
            return None
        language = self.settings.language_of(self.segment) or self.models.language_code or "en"
        return compare(spoken(self.segment.text), heard.text, language)

    @property
    def faults(self) -> list[str]:
        """Sentences; none for a good take."""
        take, limit = self.kept.take, self.settings.verify
        found = [self.unheard] if self.unheard else []
        if take.silent:
            found.append("silent")
        if take.cut_off:
            found.append("cut off before its end")
        if limit is not None and self.comparison and self.comparison.error_rate > limit:
            found.append(f"word error rate {self.comparison.error_rate:.1%} above {limit:.1%}")
        if self.alone:
            found.append(f"no other take: {self.alone}")
        return found

    @property
    def again(self) -> bool:
        """Whether another take may help, and one is left."""
        take = self.kept.take
        left = take.attempts < self.settings.tries and not take.steady
        return left and bool(self.faults) and not self.unheard

    @property
    def score(self) -> tuple[bool, bool, float]:
        """The lower the better."""
        rate = self.comparison.error_rate if self.comparison else float("inf")
        return self.kept.take.silent, self.kept.take.cut_off, rate

    def after(self, other: Take) -> Judgement:
        """The same take, after another one that was no better."""
        mine = self.kept.take
        steady = other.sha256 == mine.sha256
        take = replace(mine, attempts=other.attempts, steady=steady)
        return replace(self, kept=Kept(take, self.kept.audio))
