"""`gpuvoice transcribe`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from gpuvoice.cli.inputs import bytes_of
from gpuvoice.cli.options import working
from gpuvoice.cli.session import Session
from gpuvoice.errors import RequestRefused
from gpuvoice.recognition import Recognition

# A call has at most so many files and, where one is not larger by itself, so many bytes: the
# servers take more, but a call that is cut off costs the more the larger it is.
MOST_FILES = 32
MOST_BYTES = 32 * 1024 * 1024

Named = tuple[str, bytes]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--language", metavar="CODE", help="ISO 639-1 code of what is spoken, as in: de.")
@working
def transcribe(session: Session, files: tuple[str, ...], language: str | None) -> None:
    """Write down what is said.

    FILE is a WAV, FLAC, OGG or MP3 file, or - for stdin. Of several files each has a line, with
    its name and a tab before the text; one that is refused does not stop the others.
    """
    output, many = session.output, len(files) > 1
    told: list[dict[str, object]] = []
    refused: RequestRefused | None = None
    with session.recognition("Listening") as recognition:
        for named in _calls(files):
            for name, found in _heard(recognition, named, language):
                if isinstance(found, RequestRefused):
                    refused = found
                    output.say(f"gpuvoice: {name}: {found}")
                    told.append({"file": name, "error": str(found)})
                    continue
                told.append({"file": name, "text": found})
                if not output.json:
                    output.data(f"{name}\t{found}" if many else found)
    if output.json:
        output.answer({"success": refused is None, "transcriptions": told})
    if refused is not None:
        raise click.exceptions.Exit(refused.exit_code)


def _calls(files: Sequence[str]) -> Iterator[list[Named]]:
    """The files in groups for one call each; read when it is their turn."""
    group: list[Named] = []
    size = 0
    for name in files:
        audio = bytes_of(name)
        if group and (len(group) == MOST_FILES or size + len(audio) > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append((name, audio))
        size += len(audio)
    if group:
        yield group


def _heard(
    recognition: Recognition, named: Sequence[Named], language: str | None
) -> Iterator[tuple[str, str | RequestRefused]]:
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
