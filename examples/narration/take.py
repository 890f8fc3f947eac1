"""Everything one run of the workflow made of a narration."""

from dataclasses import dataclass
from functools import cached_property

from examples.narration.stages import Stage
from gpuvoice import Alignment, Clip, Word
from gpuvoice.narration.script import Narration, Segment
from gpuvoice.narration.sound import Recording, read_wav
from gpuvoice.narration.word_errors import Comparison, overall_error_rate


@dataclass(frozen=True)
class SpokenSegment:
    """A segment, its clip, what was heard in it, and when its words are spoken."""

    number: int
    segment: Segment
    clip: Clip
    comparison: Comparison
    alignment: Alignment

    @cached_property
    def recording(self) -> Recording:
        """The samples of the clip."""
        return read_wav(self.clip.audio)

    @property
    def wav_name(self) -> str:
        """File name of the recording, in the order of the presentation."""
        return f"{self.number:02d}_{self.segment.id}.wav"


@dataclass(frozen=True)
class Take:
    """All segments in order, and how long each stage took."""

    narration: Narration
    generation: Stage[Clip]
    verification: Stage[Comparison]
    alignment: Stage[Alignment]

    @cached_property
    def segments(self) -> list[SpokenSegment]:
        """The segments with what each stage made of them."""
        made = zip(
            self.narration.segments,
            self.generation.results,
            self.verification.results,
            self.alignment.results,
            strict=True,
        )
        return [SpokenSegment(number, *parts) for number, parts in enumerate(made, start=1)]

    @property
    def audio_s(self) -> float:
        """Seconds of speech, without the gaps between segments."""
        return sum(clip.duration_seconds for clip in self.generation.results)

    @property
    def words(self) -> list[Word]:
        """The words of all segments, with the times of their own recordings."""
        return [word for alignment in self.alignment.results for word in alignment.words]

    @property
    def unaligned_share(self) -> float:
        """Share of words whose times are only interpolated, 0 to 1."""
        return sum(not word.aligned for word in self.words) / max(len(self.words), 1)

    @property
    def error_rate(self) -> float:
        """Overall word error rate."""
        return overall_error_rate(self.verification.results)

    @property
    def stages(self) -> tuple[Stage[Clip], Stage[Comparison], Stage[Alignment]]:
        """The stages in the order they ran."""
        return self.generation, self.verification, self.alignment
