"""The workflow of a presentation: generate, verify, align."""

from collections.abc import Sequence

from rich.progress import Progress

from examples.narration.align import align
from examples.narration.generate import generate
from examples.narration.script import Narration
from examples.narration.servers import SpeechServer
from examples.narration.sound import Recording
from examples.narration.stages import run_stage
from examples.narration.take import Take
from examples.narration.verify import Comparison, compare, displaced, transcribe


def perform(
    narration: Narration,
    voice: SpeechServer,
    ear: SpeechServer,
    *,
    batch_size: int,
    shuffle: bool,
    progress: Progress,
) -> Take:
    """Run all stages; `shuffle` compares what is heard with texts that belong elsewhere."""
    segments = narration.segments
    texts = [segment.text for segment in segments]
    expected = displaced(texts) if shuffle else texts

    def verify(spoken: Sequence[tuple[str, Recording]]) -> list[Comparison]:
        heard = transcribe(ear, [recording for _, recording in spoken])
        return [compare(text, words) for (text, _), words in zip(spoken, heard, strict=True)]

    generation = run_stage(
        "generate",
        segments,
        lambda batch: generate(voice, batch),
        batch_size=batch_size,
        progress=progress,
    )
    recordings = generation.results
    verification = run_stage(
        "verify",
        list(zip(expected, recordings, strict=True)),
        verify,
        batch_size=batch_size,
        progress=progress,
    )
    alignment = run_stage(
        "align",
        list(zip(texts, recordings, strict=True)),
        lambda batch: align(ear, batch),
        batch_size=batch_size,
        progress=progress,
    )
    return Take(narration, generation, verification, alignment)
