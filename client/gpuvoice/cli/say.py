"""`gpuvoice say`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import click

from gpuvoice.audio.formats import FORMATS, OF_SERVER, encoded, formats
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
    help="Where to write: .wav, .flac, .mp3, .ogg, .opus or .aac; - writes WAV to stdout.",
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
    by_server = len(parts) == 1 and not aloud
    if not by_server:
        _check_own(kind)
    make_folder_of(out)
    asked = OF_SERVER[kind] if by_server and kind != "wav" else None
    with session.speech("Speaking") as speech:
        manner: dict[str, Any] = {"instruct": instruct, "language": language, "voice": voice}
        clip = joined(_spoken(speech, parts, manner, seed, asked), PAUSE_SECONDS)
    target = out or (None if aloud else _free_name())
    if target is not None:
        _write(clip.audio if by_server else encoded(clip.audio, kind), target)
    _tell(session.output, clip, target)
    if aloud:
        play(clip.audio)


def _kind(out: str | None) -> str:
    """The format that a file's name asks for. Raises click.BadParameter."""
    kind = Path(out).suffix.lower().lstrip(".") if out and out != "-" else "wav"
    if kind not in OF_SERVER:
        names = ", ".join(f".{each}" for each in OF_SERVER)
        raise click.BadParameter(f"the name must end in {names}.", param_hint="'-o'")
    return kind


def _check_own(kind: str) -> None:
    """Before anything is spoken: whether a clip made of several, or one that is played too, can be
    written here. Raises click.BadParameter, MissingExtra."""
    if kind not in FORMATS:
        names = ", ".join(f".{each}" for each in FORMATS)
        raise click.BadParameter(
            f"several paragraphs, and what is played too, go to {names}.", param_hint="'-o'"
        )
    if kind not in formats():
        raise MissingExtra("audio", f"Writing {kind.upper()}")


def _spoken(
    speech: Speech,
    parts: list[str],
    manner: Mapping[str, Any],
    seed: int | None,
    format: str | None,
) -> list[Clip]:
    if len(parts) == 1:
        return [speech.generate(parts[0], **manner, seed=seed, format=format)]
    clips: list[Clip] = []
    for first in range(0, len(parts), MOST_TEXTS):
        texts = parts[first : first + MOST_TEXTS]
        clips += speech.generate_batch(texts, **manner, seed=seed)
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
                "seconds": round(clip.duration_seconds, 3) if clip.format == "wav" else None,
                "sample_rate": clip.sample_rate,
                "seed": clip.seed,
                "finish_reason": clip.finish_reason,
            }
        )
    if target not in (None, "-"):
        size = (
            f"{clip.duration_seconds:.1f} s"
            if clip.format == "wav"
            else f"{len(clip.audio) / 1024:.0f} KiB"
        )
        output.say(f"{size} of speech in {target}")
    if clip.finish_reason == "length":
        output.say("The model found no end and was cut off: another --seed may do better.")
