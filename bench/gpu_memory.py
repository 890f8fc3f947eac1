"""`python -m bench.gpu_memory`: the memory tables of docs/gpu.md; `--write` puts them there.

Calculated from the published configurations of the checkpoints, with the servers' own rules; no
card was measured.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench.pages import run, table
from voicehost.engines.cuda.card import MIB, Card
from voicehost.engines.cuda.hearing.ears import HEARING_SHARE
from voicehost.engines.cuda.hearing.whisper_loading import SET_ASIDE_MIB, chunks_that_fit
from voicehost.engines.cuda.memory import Measured, rows_that_fit
from voicehost.engines.cuda.precision import precision_for
from voicehost.engines.cuda.speech.decoding import rows_to_decode
from voicehost.engines.cuda.speech.frames import frame_cap
from voicehost.engines.cuda.speech.room import PROMPT
from voicehost.engines.cuda.speech.voice import SHARE

MODULE = "bench.gpu_memory"
DOCUMENT = "docs/gpu.md"
BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
PIECE = "x" * 300
MOST_ROWS = 256

# Qwen3-TTS-12Hz-1.7B-CustomVoice, config.json: talker 28 layers of width 2048, 16 heads and 8
# key-value heads of 128, feed-forward 6144, 151,936 text tokens of width 2048, 3072 codes.
WIDTH, LAYERS, KEY_VALUE, QUERY, FORWARD = 2048, 28, 8 * 128, 16 * 128, 6144
TEXT_TOKENS, CODES = 151_936, 3072
TALKER = (
    LAYERS * (2 * WIDTH * QUERY + 2 * WIDTH * KEY_VALUE + 3 * WIDTH * FORWARD)
    + TEXT_TOKENS * WIDTH
    + 2 * WIDTH * WIDTH
    + 2 * CODES * WIDTH
)
# Its code predictor: 5 layers of width 1024, feed-forward 3072; 15 heads and tables of 2048 codes.
NARROW, NARROW_LAYERS, NARROW_FORWARD, TABLES, NARROW_CODES = 1024, 5, 3072, 15, 2048
PREDICTOR = (
    NARROW_LAYERS * (2 * NARROW * QUERY + 2 * NARROW * KEY_VALUE + 3 * NARROW * NARROW_FORWARD)
    + TABLES * NARROW_CODES * (NARROW + WIDTH)
    + WIDTH * NARROW
)
# Qwen3-TTS-Tokenizer-12Hz: a file of 682 MB in float32.
WAVES = 682_000_000 // 4
# Keys and values of each layer, and the hidden states that the package keeps of each frame.
FRAME_VALUES = LAYERS * 2 * KEY_VALUE + (LAYERS + 1) * WIDTH
# faster-whisper-large-v3: model.bin, float16. wav2vec2-base-960h: 94.4 million weights in float32.
WHISPER_MIB = 3_087_284_237 // MIB
ALIGNER_MIB = 94_400_000 * 4 // MIB


@dataclass(frozen=True, slots=True)
class Model:
    """`memory_mib` is what PyTorch says of it, in the error messages of public reports."""

    name: str
    instance: str
    memory_mib: int
    capability: tuple[int, int]


CARDS = (
    Model("T4, 16 GB", "g4dn", 14_909, (7, 5)),
    Model("L4, 24 GB", "g6", 22_470, (8, 9)),
    Model("A10G, 24 GB", "g5", 22_500, (8, 6)),
    Model("H200, 141 GB", "p5en", 143_050, (9, 0)),
)


def voice_bytes(capability: tuple[int, int]) -> tuple[int, int]:
    """Of the loaded model, and of one frame of one row."""
    precision = precision_for(capability)
    talker, predictor = BYTES[precision.talker], BYTES[precision.predictor]
    model = TALKER * talker + PREDICTOR * predictor + WAVES * BYTES["float32"]
    return model, FRAME_VALUES * talker


def memory_table() -> str:
    rows = []
    for card in CARDS:
        precision = precision_for(card.capability)
        model, frame = voice_bytes(card.capability)
        voice_limit, ears_limit = int(card.memory_mib * SHARE), int(card.memory_mib * HEARING_SHARE)
        batch = rows_that_fit(
            Measured(model, frame),
            limit_mib=voice_limit,
            frames=frame_cap(PIECE) + PROMPT,
            most=MOST_ROWS,
        )
        ears = Card("cuda:0", card.name, card.capability, ears_limit)
        formats: str = precision.talker
        if precision.mixed:
            formats += f", code predictor {precision.predictor}"
        rows.append(
            [card.name, card.instance, formats, f"{voice_limit:,}", f"{model // MIB:,}",
             str(rows_to_decode(voice_limit, model)),
             f"{batch}" if batch < MOST_ROWS else f"over {MOST_ROWS}", f"{ears_limit:,}",
             f"{WHISPER_MIB + ALIGNER_MIB + SET_ASIDE_MIB:,}",
             str(chunks_that_fit(ears, WHISPER_MIB))]
        )  # fmt: skip
    head = ["card", "instances", "number formats of the voice", "its limit", "its model",
            "texts decoded at once", "rows that fit", "limit of the ears", "their models",
            "chunks at once"]  # fmt: skip
    return table(head, rows)


def row_sentence() -> str:
    cap = frame_cap(PIECE)
    size = FRAME_VALUES * 2 * cap / MIB
    return (
        f"A row of 300 characters may run to {cap} frames and then holds {size:.0f} MiB; an "
        "ordinary reading of it ends at a third."
    )


def tables() -> str:
    return f"{memory_table()}\n\n{row_sentence()}"


if __name__ == "__main__":
    sys.exit(run(MODULE, DOCUMENT, tables()))
