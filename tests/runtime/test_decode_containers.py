"""Phones, browsers and editors pack sound into containers; hostile ones end with a sentence."""

from __future__ import annotations

import base64
import io
import os
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.runtime.packing import KINDS, film, packed, tone
from voicehost.audio import apart, decode, unpack
from voicehost.audio.decode import from_base64, from_file
from voicehost.audio.mono import UNREADABLE
from voicehost.engines.protocol import Audio
from voicehost.errors import QueueFull, RequestError, TooLarge


def pitch(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio))
    return float(np.fft.rfftfreq(len(audio), 1 / 16000)[spectrum.argmax()])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_sound_in_any_container_is_read(kind: str, channels: int) -> None:
    audio = from_file(packed(kind, channels=channels), 10)
    assert audio.dtype == np.float32
    assert audio.flags.writeable
    assert abs(len(audio) / 16000 - 0.5) < 0.06
    assert abs(pitch(audio) - 440) < 5
    assert 0.3 < np.abs(audio[2000:6000]).max() < 0.8


@pytest.mark.parametrize("kind", ["m4a", "webm", "mp3", "wma"])
def test_times_are_those_of_the_sound_that_went_in(kind: str) -> None:
    rate = KINDS[kind][2]
    late = np.concatenate([np.zeros(rate, np.float32), tone(1.0, rate)])
    audio = from_file(packed(kind, late), 10)
    begins = int(np.argmax(np.abs(audio) > 0.2)) / 16000
    assert abs(begins - 1.0) < 0.05


def test_the_sound_of_a_film_is_heard() -> None:
    assert abs(pitch(from_file(film(sound=True), 10)) - 440) < 5


def test_a_film_without_sound_says_so() -> None:
    with pytest.raises(RequestError, match=r"holds no sound: send WAV, .*M4A"):
        from_file(film(sound=False), 10)


def test_a_film_in_fragments_as_browsers_record_it_is_read() -> None:
    data = packed("mp4", options={"movflags": "frag_keyframe+empty_moov"})
    assert b"moof" in data
    assert abs(len(from_file(data, 10)) / 16000 - 0.5) < 0.06


def test_base64_of_a_container_is_read_too() -> None:
    assert len(from_base64(base64.b64encode(packed("webm")).decode(), 10)) == 8000


def test_a_long_recording_is_refused_by_its_true_length() -> None:
    data = packed("m4a", np.zeros(44_100 * 30, np.float32))
    assert len(from_file(data, 31)) > 16000 * 29
    with pytest.raises(TooLarge, match="longer than 10 seconds"):
        from_file(data, 10)


@pytest.mark.parametrize("kind", ["m4a", "webm", "aac", "wma"])
@pytest.mark.parametrize("share", [0.02, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_shorter_or_refused(kind: str, share: float) -> None:
    data = packed(kind)
    seconds = 0.0
    with suppress(RequestError):
        seconds = len(from_file(data[: int(len(data) * share)], 10)) / 16000
    assert seconds < (0.1 if share < 0.5 else 0.57)


@pytest.mark.parametrize(("kept", "says"), [(0.0, "not an audio file|damaged"), (0.5, "damaged")])
def test_a_file_full_of_noise_is_refused(kept: float, says: str) -> None:
    data = bytearray(packed("m4a", tone(3.0, 44_100)))
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    begin += int(kept * (end - begin))
    data[begin:end] = np.random.default_rng(7).bytes(end - begin)
    with pytest.raises(RequestError, match=says):
        from_file(bytes(data), 10)


def test_a_few_damaged_packets_do_not_spoil_the_rest() -> None:
    data = bytearray(packed("aac", tone(3.0, 24_000)))
    middle = data.index(b"\xff\xf1", len(data) // 2)
    data[middle + 7 : middle + 60] = b"\xff" * 53
    audio = from_file(bytes(data), 10)
    assert 2.5 < len(audio) / 16000 < 3.1


def test_junk_is_given_up_before_its_end() -> None:
    """Each packet that cannot be decoded costs far more than its bytes."""
    payload = b"\xe7\x55" * 2000
    size = 7 + len(payload)
    head = bytes([0xFF, 0xF1, 0x50, 0x80 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 31, 252])
    file = io.BytesIO((head + payload) * 4000)
    with pytest.raises(RequestError, match="damaged"):
        unpack.unpack(file, 1800)
    assert file.tell() < len(file.getvalue()) / 2


def test_what_was_decoded_is_in_memory_once() -> None:
    data = packed("m4a", np.zeros(44_100 * 60, np.float32))
    tracemalloc.start()
    audio = from_file(data, 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.7 * audio.nbytes


def test_whoever_finds_no_process_to_decode_in_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(decode, "_apart", places)
    monkeypatch.setattr(decode, "APART_WAIT_SECONDS", 0.05)
    with places, pytest.raises(QueueFull) as caught:
        from_file(packed("webm"), 10)
    assert caught.value.retry_after
    with pytest.raises(RequestError):
        from_file(b"\x00" * 2000, 10)
    assert len(from_file(packed("webm"), 10)) == 8000


def test_a_promise_of_a_huge_table_meets_a_limit_of_memory() -> None:
    """FFmpeg's libraries would make an index of gigabytes of it."""
    data = bytearray(packed("m4a", tone(1.0, 44_100)))
    sizes, chunks = data.index(b"stsz"), data.index(b"stsc")
    struct.pack_into(">III", data, sizes + 4, 0, 1, 85_000_000)
    struct.pack_into(">I", data, chunks + 16, 0x7FFFFFFF)
    code = (
        "import resource, sys\n"
        "from voicehost.audio.decode import from_file\n"
        "from voicehost.errors import RequestError\n"
        "try:\n    from_file(sys.stdin.buffer.read(), 10)\n"
        "except RequestError as error:\n    print(error.message)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], input=bytes(data), capture_output=True)
    message, mib = ran.stdout.decode().splitlines()
    assert message == UNREADABLE
    assert int(mib) < 800


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def playlists(url: str) -> list[str]:
    return [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{url}'\n",
        f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
        f'<AdaptationSet mimeType="audio/mp4"><Representation id="1"><BaseURL>{url}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>",
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:{url}\n"
        "m=audio 40000 RTP/AVP 0\n",
        f"[playlist]\nFile1={url}\nNumberOfEntries=1\n",
        f"RTSPtext\nrtsp://{url.rpartition('//')[2]}\n",
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_playlist_opens_nothing(number: int, listener: socket.socket, tmp_path: Path) -> None:
    sound = tmp_path / "sound.aac"
    sound.write_bytes(packed("aac"))
    port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/a.aac", str(sound)):
        with pytest.raises(RequestError, match="not an audio file"):
            from_file(playlists(url)[number].encode(), 10)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()


def test_whoever_decodes_can_open_no_file_and_no_connection() -> None:
    code = (
        "import socket, sys\n"
        "from voicehost.audio import unpack\n"
        "unpack._limit(0, 1)\n"
        "for what in (lambda: open('/etc/passwd'), socket.socket):\n"
        "    try:\n        what()\n"
        "    except OSError as error:\n        print(error.errno)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ran.stdout.split() == [b"24", b"24"]


@pytest.mark.parametrize(
    ("size", "most_seconds", "cpu"),
    [(75_000, 1800, 23), (2**28, 1800, 56), (2**28, 60, 21), (0, 1800, 20)],
)
def test_whoever_decodes_comes_last_and_takes_as_long_as_the_size_allows(
    size: int, most_seconds: float, cpu: int
) -> None:
    code = (
        "import os, resource\n"
        "from voicehost.audio import unpack\n"
        "before = os.nice(0)\n"
        f"unpack._limit({size}, {most_seconds})\n"
        "print(min(19, before + 10) == os.nice(0), resource.getrlimit(resource.RLIMIT_CPU)[1])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ran.stdout.split() == [b"True", str(cpu).encode()]


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """A program in the place of the process that decodes."""
    program = folder / "decoder"
    program.write_text("\n".join(["#!/bin/sh", "cat > /dev/null", *lines]))
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


def test_a_decoder_that_crashes_costs_its_own_request_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "kill -SEGV $$")
    with pytest.raises(RequestError, match="not an audio file"):
        from_file(b"\x00" * 200_000, 10)


def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WAIT_SECONDS", 0.2)
    stand_in(tmp_path, monkeypatch, "exec sleep 30")
    with pytest.raises(RequestError, match="not an audio file"):
        from_file(b"\x00" * 200_000, 10)


def test_a_fault_of_the_server_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "echo 'no module' >&2", "exit 1")
    with pytest.raises(RuntimeError, match="no module"):
        from_file(b"\x00" * 2000, 10)


def test_whoever_decodes_is_told_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_NEIGHBOUR_KEY", "secret")
    stand_in(tmp_path, monkeypatch, f"env > {tmp_path}/seen", "echo why >&2", "exit 3")
    with pytest.raises(RequestError, match="why"):
        from_file(b"\x00" * 2000, 10)
    seen = (tmp_path / "seen").read_text()
    assert "PYTHONPATH" in seen
    assert "secret" not in seen
    assert os.environ["VOICE_NEIGHBOUR_KEY"] == "secret"


@pytest.mark.parametrize(("offset", "value"), [(20, 0xFFFE), (34, 0), (34, 0xFFFF)])
def test_a_file_of_a_kind_that_nobody_can_decode_is_refused(offset: int, value: int) -> None:
    out = io.BytesIO()
    soundfile.write(out, tone(0.1, 16000), 16000, format="WAV", subtype="PCM_16")
    wav = bytearray(out.getvalue())
    struct.pack_into("<H", wav, offset, value)
    with pytest.raises(RequestError, match="is not an audio file"):
        from_file(bytes(wav), 10)
