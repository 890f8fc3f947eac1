"""`say`, `transcribe` and `align` against the true servers."""

from __future__ import annotations

import io
import sys
import wave
from itertools import pairwise
from pathlib import Path

import av
import pytest
import soundfile
import webvtt

from tests.client.cli.conftest import Run
from tests.servers import Running

TEXT = "Good morning, and welcome to the show."


def seconds_of(audio: bytes) -> float:
    with wave.open(io.BytesIO(audio)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        return float(file.getnframes() / file.getframerate())


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory, cpu_servers: Running) -> Path:
    """A recording of TEXT."""
    from gpuvoice import ClientConfig, Speech

    config = ClientConfig.resolve(speech_url=cpu_servers.tts, environ={}, folder=Path("/"))
    file = tmp_path_factory.mktemp("spoken") / "a.wav"
    with Speech(config) as speech:
        file.write_bytes(speech.generate(TEXT).audio)
    return file


def test_a_text_becomes_a_file_and_stderr_says_where(run: Run, local: Running) -> None:
    ran = run("say", TEXT)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.endswith("s of speech in speech.wav\n")
    assert 1 < seconds_of(Path("speech.wav").read_bytes()) < 6


def test_without_a_name_no_file_is_overwritten_and_a_named_one_is(run: Run, local: Running) -> None:
    Path("speech.wav").write_text("mine")
    run("say", "One.")
    assert Path("speech.wav").read_text() == "mine"
    assert seconds_of(Path("speech-2.wav").read_bytes()) > 0.2
    assert run("say", "One.", "-o", "speech.wav").code == 0
    assert seconds_of(Path("speech.wav").read_bytes()) > 0.2


def test_the_text_may_be_in_words_a_file_or_stdin(run: Run, local: Running) -> None:
    Path("a.txt").write_text("One, two.", encoding="utf-8-sig")
    made = [
        run("say", "-o", "-", "One,", "two.", "--seed", "7"),
        run("say", "-o", "-", "-f", "a.txt", "--seed", "7"),
        run("say", "-o", "-", "-", "--seed", "7", stdin="One, two.\n"),
        run("say", "-o", "-", "--seed", "7", stdin="One, two."),
    ]
    assert {ran.code for ran in made} == {0}
    assert len({ran.data for ran in made}) == 1
    assert seconds_of(made[0].data) > 0.3


def test_paragraphs_become_one_clip_with_pauses(run: Run, local: Running) -> None:
    Path("a.txt").write_text("One, two.\n\nThree, four.\n  \n\nFive.\n")
    run("say", "-f", "a.txt", "-o", "all.wav", "--seed", "7")
    parts = 0.0
    for number, text in enumerate(("One, two.", "Three, four.", "Five.")):
        run("say", text, "-o", f"{number}.wav", "--seed", "7")
        parts += seconds_of(Path(f"{number}.wav").read_bytes())
    assert seconds_of(Path("all.wav").read_bytes()) == pytest.approx(parts + 2 * 0.6, abs=0.01)


def test_a_text_that_is_too_long_for_one_call_is_spoken_too(run: Run, local: Running) -> None:
    text = "This is a sentence. " * 260
    assert len(text) > 5000
    ran = run("say", "-", "-o", "a.wav", stdin=text, TTS_SERVER_URL=local.tts)
    assert ran.code == 0
    assert seconds_of(Path("a.wav").read_bytes()) > 200


@pytest.mark.parametrize(("ending", "codec"), [
    ("flac", "flac"), ("mp3", "mp3float"), ("ogg", "opus"), ("opus", "opus"), ("aac", "aac"),
])  # fmt: skip
def test_the_name_chooses_the_format_and_the_server_writes_it(
    run: Run, local: Running, monkeypatch: pytest.MonkeyPatch, ending: str, codec: str
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    ran = run("say", TEXT, "-o", f"a.{ending}")
    assert (ran.code, ran.err.endswith(f"KiB of speech in a.{ending}\n")) == (0, True)
    with av.open(f"a.{ending}") as file:
        (stream,) = file.streams.audio
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(stream))
        assert (stream.codec_context.codec.name, stream.codec_context.channels) == (codec, 1)
    assert 1 < seconds < 6
    assert run("say", TEXT, "-o", f"a.{ending}", "--json").json["seconds"] is None


@pytest.mark.parametrize(("ending", "kind"), [("flac", "FLAC"), ("mp3", "MP3"), ("ogg", "OGG")])
def test_a_clip_of_several_is_written_here(
    run: Run, local: Running, ending: str, kind: str
) -> None:
    assert run("say", "One, two.\n\nThree.", "-o", f"a.{ending}").code == 0
    found = soundfile.info(f"a.{ending}")
    assert (found.format, found.samplerate, found.channels) == (kind, 24000, 1)
    assert 1 < found.duration < 6


def test_json_tells_what_is_needed_to_make_it_again(run: Run, local: Running) -> None:
    told = run("say", TEXT, "--json", "--seed", "11", "-q").json
    assert (told["success"], told["file"], told["seed"]) == (True, "speech.wav", 11)
    assert told["finish_reason"] == "stop"
    assert told["seconds"] == pytest.approx(seconds_of(Path("speech.wav").read_bytes()), abs=0.01)


def test_what_is_said_is_written_down(run: Run, local: Running, spoken: Path) -> None:
    ran = run("transcribe", spoken)
    assert ran.code == 0
    assert "good morning" in ran.out.lower()
    assert run("transcribe", "-", stdin=spoken.read_bytes()).out == ran.out


def test_of_several_files_each_has_a_line_and_a_bad_one_stops_no_other(
    run: Run, local: Running, spoken: Path
) -> None:
    Path("bad.wav").write_text("no audio")
    ran = run("transcribe", spoken, "bad.wav", spoken)
    first, second = ran.out.splitlines()
    assert first == second
    assert first.startswith(f"{spoken}\t")
    assert ran.err.startswith("gpuvoice: bad.wav: ")
    assert ran.code == 5
    told = run("transcribe", spoken, "bad.wav", "--json", "-q").json
    assert told["success"] is False
    assert ["text" in each for each in told["transcriptions"]] == [True, False]


def test_each_word_has_its_times(run: Run, local: Running, spoken: Path) -> None:
    lines = [line.split("\t") for line in run("align", spoken, TEXT).out.splitlines()]
    assert [word for *_, word in lines] == TEXT.split()
    starts = [float(start) for start, *_ in lines]
    assert all(before <= after for before, after in pairwise(starts))
    assert starts[-1] > 0.8
    told = run("align", spoken, "--json", *TEXT.split()).json
    assert [each["word"] for each in told["words"]] == TEXT.split()


@pytest.mark.parametrize("kind", ["vtt", "srt"])
def test_words_become_subtitles(run: Run, local: Running, spoken: Path, kind: str) -> None:
    Path("a.txt").write_text(TEXT)
    printed = run("align", spoken, "-f", "a.txt", f"--{kind}").out
    assert run("align", spoken, TEXT, "-o", f"a.{kind}").code == 0
    assert Path(f"a.{kind}").read_text() == printed
    read = webvtt.WebVTT.read if kind == "vtt" else webvtt.WebVTT.from_srt
    captions = read(f"a.{kind}").captions
    assert " ".join(caption.text for caption in captions).split() == TEXT.split()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["say"], "no text to speak"),
        (["say", "a", "-f", "b"], "not both"),
        (["say", "a", "-o", "a.wma"], ".flac, .mp3, .ogg"),
        (["say", "a\n\nb", "-o", "a.aac"], "several paragraphs"),
        (["align", "a.wav", "b", "-o", "c.doc"], ".vtt, .srt"),
        (["align", "-"], "Only one"),
        (["up", "--for", "soon"], "write it like 2h"),
        (["nothing"], "No such command"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(
    run: Run, arguments: list[str], told: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
