"""Settings of a run: environment over command line over default."""

import os
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NARRATION = Path(__file__).resolve().parent.parent / "narration.json"


@dataclass(frozen=True)
class Options:
    """Where the servers are, what to read, where to write, and what counts as good."""

    tts_url: str
    whisper_url: str
    api_key: str = field(repr=False)
    narration: Path
    out: Path
    batch_size: int
    gap_s: float
    max_wer: float
    max_segment_wer: float
    patience_s: float
    shuffle: bool


def read_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Parse the command line; exits with 2 and a usage message when it is wrong."""
    given = _parser(environment).parse_args(arguments)
    return Options(
        tts_url=environment.get("TTS_SERVER_URL") or given.tts_url,
        whisper_url=environment.get("WHISPER_URL") or given.whisper_url,
        api_key=environment.get("TTS_API_KEY", ""),
        narration=given.narration,
        out=given.out,
        batch_size=given.batch,
        gap_s=given.gap,
        max_wer=given.max_wer,
        max_segment_wer=given.max_segment_wer,
        patience_s=given.patience,
        shuffle=given.shuffle,
    )


def _parser(environment: Mapping[str, str]) -> ArgumentParser:
    tts = f"http://localhost:{environment.get('TTS_PORT') or 5000}"
    whisper = f"http://localhost:{environment.get('WHISPERX_PORT') or 5001}"
    parser = ArgumentParser(
        prog="demo",
        description="Speak, verify, align and subtitle a presentation with two running servers.",
        epilog="TTS_SERVER_URL, WHISPER_URL and TTS_API_KEY in the environment win.",
    )
    add = parser.add_argument
    add("--tts-url", default=tts, help="text-to-speech server (%(default)s)")
    add("--whisper-url", default=whisper, help="transcription server (%(default)s)")
    add("--narration", type=Path, default=NARRATION, help="what to speak (%(default)s)")
    add("--out", type=Path, default=Path("out/demo"), help="where files go (%(default)s)")
    add("--batch", type=_count, default=10, help="segments in one request (%(default)s)")
    add("--gap", type=_amount, default=0.4, help="seconds between segments (%(default)s)")
    add("--max-wer", type=_amount, default=0.08, help="overall word error rate (%(default)s)")
    add("--max-segment-wer", type=_amount, default=0.5, help="in one segment (%(default)s)")
    add("--patience", type=_amount, default=600.0, help="seconds to wait for a busy server")
    add("--shuffle", action="store_true", help="compare with wrong texts: has to fail")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("at least 1")
    return number


def _amount(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ArgumentTypeError("a number from 0 on")
    return number
