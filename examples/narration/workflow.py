"""The workflow of a presentation: generate, verify, align."""

from collections.abc import Sequence

from rich.progress import Progress

from examples.narration.shuffle import displaced
from examples.narration.stages import run_stage
from examples.narration.take import Take
from gpuvoice import Alignment, Clip, Recognition, Speech
from gpuvoice.narration.script import Narration, Segment
from gpuvoice.narration.word_errors import Comparison, compare

LANGUAGE = "en"


def perform(
    narration: Narration,
    voice: Speech,
    ear: Recognition,
    *,
    batch_size: int,
    shuffle: bool,
    progress: Progress,
) -> Take:
    """Run all stages; `shuffle` compares what is heard with texts that belong elsewhere."""
    segments = narration.segments
    texts = [segment.text for segment in segments]
    expected = displaced(texts) if shuffle else texts

    def generate(batch: Sequence[Segment]) -> list[Clip]:
        instructs = [segment.instruct for segment in batch]
        return voice.generate_batch([segment.text for segment in batch], instructs=instructs)

    def verify(batch: Sequence[tuple[str, Clip]]) -> list[Comparison]:
        heard = ear.transcribe_batch([clip.audio for _, clip in batch], language=LANGUAGE)
        return [compare(text, each.text) for (text, _), each in zip(batch, heard, strict=True)]

    def align(batch: Sequence[tuple[str, Clip]]) -> list[Alignment]:
        return ear.align_batch([(clip.audio, text) for text, clip in batch], language=LANGUAGE)

    generation = run_stage("generate", segments, generate, batch_size=batch_size, progress=progress)
    clips = generation.results
    verification = run_stage(
        "verify",
        list(zip(expected, clips, strict=True)),
        verify,
        batch_size=batch_size,
        progress=progress,
    )
    alignment = run_stage(
        "align",
        list(zip(texts, clips, strict=True)),
        align,
        batch_size=batch_size,
        progress=progress,
    )
    return Take(narration, generation, verification, alignment)
