"""`gpuvoice say`."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import click

from gpuvoice.audio.formats import FORMATS, encoded, formats
from gpuvoice.audio.joining import joined
from gpuvoice.audio.player import NO_PLAYER, play, player
from gpuvoice.cli.inputs import READ, text_of
from gpuvoice.cli.options import working
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.cli.targets import WRITTEN, make_folder_of
from gpuvoice.errors import GpuVoiceError, MissingExtra
from gpuvoice.passages import MOST_TEXTS, passages
from gpuvoice.results import Clip
from gpuvoice.speech import Speech

PAUSE_SECONDS = 0.6


@click.command()
@click.argument("text", nargs=-1)
@click.option("-f", "--file", metavar="FILE", type=READ, help="Speak the text in FILE; - is stdin.")
@click.option(
    "-o", "--out", metavar="FILE", type=WRITTEN,
    help="Where to write: .wav, .flac, .mp3 or .ogg; - writes WAV to stdout.",
)  # fmt: skip
@click.option("--instruct", metavar="TEXT", help="How to speak, as in: calm and slow.")
@click.option("--voice", metavar="NAME", help="Who speaks; the server's /health names them.")
@click.option("--language", metavar="CODE", help="ISO 639-1 code, as in: de.")
@click.option("--seed", type=int, metavar="NUMBER", help="Make the take that had this seed again.")
@click.option("--play", "aloud", is_flag=True, help="Play it when it is there.")
@working
def say(
    session: Session,
    text: tuple[str, ...],
    file: str | None,
    out: str | None,
    instruct: str | None,
    voice: str | None,
    language: str | None,
    seed: int | None,
    aloud: bool,
) -> None:
    """Speak a text into a file, or aloud.

    TEXT is - for stdin, and so is no TEXT in a pipe. Paragraphs become one clip with short pauses.

    Without -o it is played where a player is found and stdout is a terminal, and otherwise
    written to speech.wav (speech-2.wav, and so on, if that is there). A file that -o names is
    overwritten, and its folder made.
    """
    kind = _kind(out)
    parts = passages(text_of(text, file))
    if not parts:
        raise click.UsageError("There is no text to speak.")
    if out is None and not aloud and not session.output.json and sys.stdout.isatty():
        aloud = player() is not None
    elif aloud and player() is None:
        raise GpuVoiceError(NO_PLAYER)
    make_folder_of(out)
    with session.speech("Speaking") as speech:
        clip = joined(
            _spoken(speech, parts, instruct=instruct, language=language, seed=seed, voice=voice),
            PAUSE_SECONDS,
        )
    target = out or (None if aloud else _free_name())
    if target is not None:
        _write(encoded(clip.audio, kind), target)
    _tell(session.output, clip, target)
    if aloud:
        play(clip.audio)


def _kind(out: str | None) -> str:
    """The format that a file's name asks for. Raises click.BadParameter."""
    kind = Path(out).suffix.lower().lstrip(".") if out and out != "-" else "wav"
    if kind not in FORMATS:
        names = ", ".join(f".{each}" for each in FORMATS)
        raise click.BadParameter(f"the name must end in {names}.", param_hint="'-o'")
    # Before anything is spoken.
    if kind not in formats():
        raise MissingExtra("audio", f"Writing {kind.upper()}")
    return kind


def _spoken(
    speech: Speech,
    parts: list[str],
    *,
    instruct: str | None,
    language: str | None,
    seed: int | None,
    voice: str | None,
) -> list[Clip]:
    if len(parts) == 1:
        one = speech.generate(
            parts[0], instruct=instruct, language=language, seed=seed, voice=voice
        )
        return [one]
    clips: list[Clip] = []
    for first in range(0, len(parts), MOST_TEXTS):
        clips += speech.generate_batch(
            parts[first : first + MOST_TEXTS],
            instruct=instruct, language=language, seed=seed, voice=voice,
        )  # fmt: skip
    return clips


def _free_name() -> str:
    names = ("speech.wav" if number == 1 else f"speech-{number}.wav" for number in count(1))
    return next(name for name in names if not Path(name).exists())


def _write(audio: bytes, target: str) -> None:
    if target == "-":
        sys.stdout.buffer.write(audio)
        sys.stdout.buffer.flush()
    else:
        Path(target).write_bytes(audio)


def _tell(output: Output, clip: Clip, target: str | None) -> None:
    if output.json and target != "-":
        output.answer(
            {
                "success": True,
                "file": target,
                "seconds": round(clip.duration_seconds, 3),
                "sample_rate": clip.sample_rate,
                "seed": clip.seed,
                "finish_reason": clip.finish_reason,
            }
        )
    if target not in (None, "-"):
        output.say(f"{clip.duration_seconds:.1f} s of speech in {target}")
    if clip.finish_reason == "length":
        output.say("The model found no end and was cut off: another --seed may do better.")
