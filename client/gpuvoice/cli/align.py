"""`gpuvoice align`."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from gpuvoice.cli.inputs import READ, bytes_of, text_of
from gpuvoice.cli.options import working
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.cli.targets import WRITTEN, make_folder_of
from gpuvoice.errors import GpuVoiceError
from gpuvoice.results import Word
from gpuvoice.subtitles import LINGER_S, cues_for, subrip, webvtt

SHAPES = ("tsv", "vtt", "srt", "json")


@click.command()
@click.argument("audio", metavar="AUDIO", type=READ)
@click.argument("text", nargs=-1)
@click.option("-f", "--file", metavar="FILE", type=READ, help="The text is in FILE; - is stdin.")
@click.option("--vtt", is_flag=True, help="WebVTT subtitles.")
@click.option("--srt", is_flag=True, help="SubRip subtitles.")
@click.option("--tsv", is_flag=True, help="Start, end, score and word, as in a pipe.")
@click.option(
    "-o", "--out", metavar="FILE", type=WRITTEN,
    help="Write to FILE: .vtt, .srt, .tsv or .json; with --json, stdout has the words too.",
)  # fmt: skip
@click.option("--language", metavar="CODE", help="ISO 639-1 code of what is spoken, as in: de.")
@working
def align(
    session: Session,
    audio: str,
    text: tuple[str, ...],
    file: str | None,
    out: str | None,
    language: str | None,
    **asked: bool,
) -> None:
    """Find when each word of a text is said.

    AUDIO is an audio file or a film (WAV, FLAC, OGG, MP3, M4A, WebM), or - for stdin. On a terminal
    it prints a table, in a pipe lines with tabs: seconds of start and end, score, word. A word that
    could not be heard has a time between its neighbours and an empty score.
    """
    output = session.output
    if audio == "-" and (file == "-" or not (text or file)):
        raise click.UsageError("Only one of audio and text can come from stdin.")
    shape = _shape([name for name in SHAPES if asked.get(name)], out, output)
    sound, written = bytes_of(audio), text_of(text, file)
    if not written.strip():
        raise click.UsageError("There is no text to align.")
    make_folder_of(out)
    with session.recognition("Aligning") as recognition:
        found = recognition.align(sound, written, language=language)
    if found.error:
        raise GpuVoiceError(f"The words could not be aligned: {found.error}")
    if shape == "table":
        output.console.print(_table(found.words))
        return
    made = _made(shape, found.words, sound)
    if out in (None, "-"):
        output.data(made.rstrip("\n"))
        return
    with Path(str(out)).open("w", encoding="utf-8", newline="\n") as target:
        target.write(made)
    output.say(f"{len(found.words)} words in {out}")
    if output.json:
        output.answer({**_told(found.words), "file": out})


def _shape(asked: Sequence[str], out: str | None, output: Output) -> str:
    """What is written: as an option or else the file's name says. Raises click.UsageError."""
    if len(asked) + output.json > 1:
        raise click.UsageError("Choose one of --vtt, --srt, --tsv and --json.")
    if asked:
        return asked[0]
    if out in (None, "-"):
        if output.json:
            return "json"
        return "table" if out is None and output.console.is_terminal else "tsv"
    ending = Path(str(out)).suffix.lower().lstrip(".")
    if ending not in SHAPES:
        names = ", ".join(f".{each}" for each in SHAPES)
        raise click.BadParameter(f"the name must end in {names}.", param_hint="'-o'")
    return ending


def _made(shape: str, words: Sequence[Word], sound: bytes) -> str:
    if shape == "json":
        return json.dumps(_told(words), ensure_ascii=False) + "\n"
    if shape == "tsv":
        return "".join(
            f"{word.start:.3f}\t{word.end:.3f}\t{_score(word)}\t{word.word}\n" for word in words
        )
    cues = cues_for([(words, 0.0)], _seconds(sound, words))
    return webvtt("", cues) if shape == "vtt" else subrip(cues)


def _told(words: Sequence[Word]) -> dict[str, object]:
    return {"success": True, "words": [asdict(word) for word in words]}


def _score(word: Word) -> str:
    return f"{word.score:.2f}" if word.aligned else ""


def _table(words: Sequence[Word]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("start", "end", "score"):
        table.add_column(title, justify="right")
    table.add_column("word")
    for word in words:
        style = "" if word.aligned else "dim italic"
        row = f"{word.start:.2f}", f"{word.end:.2f}", _score(word)
        table.add_row(*row, Text(word.word, style=style))
    return table


def _seconds(sound: bytes, words: Sequence[Word]) -> float:
    """How long the audio is; for other formats than WAV, as long as its words need it to be."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return max((word.end for word in words), default=0.0) + LINGER_S
