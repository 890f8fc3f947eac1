"""`gpuvoice transcribe`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from gpuvoice.cli.inputs import READ, bytes_of, is_readable
from gpuvoice.cli.loading import failure
from gpuvoice.cli.options import working
from gpuvoice.cli.session import Session
from gpuvoice.errors import ConfigError, GpuVoiceError, RequestRefused
from gpuvoice.recognition import Recognition

# A call has at most so many files and, where one is not larger by itself, so many bytes: the
# servers take more, but a call that is cut off costs the more the larger it is.
MOST_FILES = 32
MOST_BYTES = 32 * 1024 * 1024

Named = tuple[str, bytes]
# Its text, or why there is none.
Heard = tuple[str, "str | GpuVoiceError"]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=READ)
@click.option("--language", metavar="CODE", help="ISO 639-1 code of what is spoken, as in: de.")
@working
def transcribe(session: Session, files: tuple[str, ...], language: str | None) -> None:
    """Write down what is said.

    FILE is an audio file or a film (WAV, FLAC, OGG, MP3, M4A, WebM), or - for stdin. Of several
    files each has a line, with its name and a tab before the text; one that is refused, or cannot
    be read, does not stop the others.
    """
    output, many = session.output, len(files) > 1
    told: list[dict[str, object]] = []
    failed: GpuVoiceError | None = None
    for name, found in _all_heard(session, files, language):
        if isinstance(found, GpuVoiceError):
            failed = failed or found
            where = "" if isinstance(found, ConfigError) else f"{name}: "
            click.echo(f"gpuvoice: {where}{found}", err=True)
            told.append({"file": name, "error": str(found)})
            continue
        told.append({"file": name, "text": found})
        if not output.json:
            output.data(f"{name}\t{found}" if many else found)
    if failed is None:
        outcome: dict[str, object] = {"success": True}
    else:
        outcome = failure(str(failed), type(failed).__name__, failed.exit_code)
    if output.json:
        output.answer({**outcome, "transcriptions": told})
    if failed is not None:
        raise click.exceptions.Exit(failed.exit_code)


def _all_heard(session: Session, files: Sequence[str], language: str | None) -> Iterator[Heard]:
    """Of each file in its turn. Where none can be read, nobody is called and nothing woken."""
    if not any(map(is_readable, files)):
        yield from (each for each in _calls(files) if isinstance(each, tuple))
        return
    with session.recognition("Listening") as recognition:
        for call in _calls(files):
            if isinstance(call, tuple):
                yield call
            else:
                yield from _heard(recognition, call, language)


def _calls(files: Sequence[str]) -> Iterator[list[Named] | tuple[str, ConfigError]]:
    """The files in groups for one call each, read when it is their turn; between them those that
    cannot be read."""
    group: list[Named] = []
    size = 0
    for name in files:
        try:
            audio = bytes_of(name)
        except ConfigError as error:
            if group:
                yield group
            group, size = [], 0
            yield name, error
            continue
        if group and (len(group) == MOST_FILES or size + len(audio) > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append((name, audio))
        size += len(audio)
    if group:
        yield group


def _heard(
    recognition: Recognition, named: Sequence[Named], language: str | None
) -> Iterator[Heard]:
    """A batch is refused as a whole: then each file is asked for by itself."""
    try:
        if len(named) == 1:
            texts = [recognition.transcribe(named[0][1], language=language)]
        else:
            audios = [audio for _, audio in named]
            texts = recognition.transcribe_batch(audios, language=language)
    except RequestRefused as error:
        if len(named) == 1:
            yield named[0][0], error
            return
        for one in named:
            yield from _heard(recognition, [one], language)
        return
    for (name, _), text in zip(named, texts, strict=True):
        yield name, text.text
