"""The library against the servers' own apps in this process, and against true ones."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from gpuvoice import (
    ClientConfig,
    Clip,
    KeyRefused,
    NotReady,
    Power,
    PowerMissing,
    Recognition,
    RequestRefused,
    ServerFailed,
    Speech,
)
from gpuvoice.http import Patience
from tests.client.doctor.sleeping import URL, SleepingDoor
from tests.power.conftest import account, house
from tests.power.house import ALICE, NOW, House
from tests.runtime.conftest import MakeApp, clock_app
from tests.servers import Running

__all__ = ["account", "clock_app", "house"]

KEY = "gv_alice-s"
TEXT = "Good morning, and welcome."


def config(**given: str) -> ClientConfig:
    return ClientConfig.resolve(environ={}, folder=Path("/"), **given)


@pytest.fixture
def speech(clock_app: MakeApp) -> Iterator[Speech]:
    transport = httpx.WSGITransport(app=clock_app())
    with Speech(config(), transport=transport) as made:
        yield made


@pytest.fixture
def recognition(clock_app: MakeApp) -> Iterator[Recognition]:
    transport = httpx.WSGITransport(app=clock_app("whisperx"))
    with Recognition(config(), transport=transport) as made:
        yield made


def silence(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(bytes(2 * round(24000 * seconds)))
    return out.getvalue()


def test_a_clip_knows_its_length_seed_and_samples(speech: Speech) -> None:
    clip = speech.generate(TEXT, seed=5, instruct="calm")
    assert (clip.sample_rate, clip.seed, clip.finish_reason) == (24000, 5, "stop")
    samples = clip.samples()
    assert samples.dtype == np.float32
    assert len(samples) / 24000 == pytest.approx(clip.duration_seconds)
    assert speech.health()["engine"] == "qwen3-tts"
    assert speech.ready()


def test_clips_come_in_the_order_of_their_texts(speech: Speech) -> None:
    texts = ["One.", "This one is quite a bit longer than the first one was.", "Two, three."]
    clips = speech.generate_batch(texts, seeds=[1, None, 3], instructs=["calm", None, None])
    assert [clip.seed for clip in clips][::2] == [1, 3]
    lengths = [clip.duration_seconds for clip in clips]
    assert lengths[1] == max(lengths)
    assert lengths[0] < lengths[2]


def test_the_voices_that_a_server_has_may_be_asked_for(speech: Speech) -> None:
    voices = speech.health()["voices"]
    assert speech.generate(TEXT, voice=voices[0]).duration_seconds > 0
    with pytest.raises(RequestRefused) as caught:
        speech.generate(TEXT, voice="nobody")
    assert caught.value.status == 400
    assert voices[0] in str(caught.value)


def test_the_servers_sentence_reaches_the_caller(speech: Speech) -> None:
    with pytest.raises(RequestRefused, match="text: ") as caught:
        speech.generate("  ")
    assert caught.value.status == 400


def test_each_file_has_its_text_and_each_word_its_times(recognition: Recognition) -> None:
    audios = [silence(1), silence(2)]
    assert len(recognition.transcribe_batch(audios, language="en")) == 2
    alignment = recognition.align(silence(2), TEXT)
    assert [word.word for word in alignment.words] == TEXT.split()
    assert all(0 <= word.start <= word.end <= 2 for word in alignment.words)
    later = alignment.words[0].later(10)
    assert later.start == pytest.approx(alignment.words[0].start + 10)


def test_one_bad_item_of_a_batch_has_an_error_and_the_others_their_words(
    recognition: Recognition,
) -> None:
    good, bad = recognition.align_batch([(silence(1), "One two"), (b"no audio", "One two")])
    assert (len(good.words), good.error) == (2, "")
    assert bad.words == ()
    assert bad.error


def test_a_key_is_sent_and_a_wrong_one_told(clock_app: MakeApp) -> None:
    keys = f"alice=sha256:{hashlib.sha256(KEY.encode()).hexdigest()}"
    transport = httpx.WSGITransport(app=clock_app(keys=keys))
    with Speech(config(api_key=KEY), transport=transport) as speech:
        assert speech.generate(TEXT).duration_seconds > 0
    for wrong in (config(api_key="gv_alice-x"), config()):
        with Speech(wrong, transport=transport) as speech, pytest.raises(KeyRefused):
            speech.generate(TEXT)
    in_url = config(speech_url=f"http://key:{KEY}@localhost:5000")
    with Speech(in_url, transport=transport) as speech:
        assert speech.generate(TEXT).duration_seconds > 0


def test_a_prefix_in_the_url_is_kept(clock_app: MakeApp) -> None:
    transport = httpx.WSGITransport(app=clock_app())
    with Speech(config(url="http://localhost:5000"), transport=transport) as speech:
        assert speech.generate(TEXT).duration_seconds > 0


@pytest.mark.parametrize(
    "answer",
    [
        {"audio": "!", "sample_rate": 24000},
        {"audio": "AAAA", "sample_rate": 24000},
        {"sample_rate": 24000},
    ],
)
def test_audio_that_is_none_is_the_servers_fault(answer: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"success": True, **answer}))
    with Speech(config(), transport=transport) as speech, pytest.raises(ServerFailed):
        assert speech.generate(TEXT).duration_seconds > 0


def test_fewer_clips_than_texts_are_no_answer() -> None:
    answer = {"success": True, "audios": ["AAAA"], "sample_rate": 24000}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    with Speech(config(), transport=transport) as speech, pytest.raises(ServerFailed, match="2 cl"):
        speech.generate_batch(["a", "b"])


def test_words_that_are_not_those_of_the_text_are_no_answer() -> None:
    word = {"word": "a", "start": 0, "end": 1, "score": 1}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, json={"success": True, "words": [word]})
    )
    with Recognition(config(), transport=transport) as ears, pytest.raises(ServerFailed):
        ears.align(b"", "a b")


def test_the_true_servers_speak_and_hear_over_a_socket(cpu_servers: Running) -> None:
    found = config(speech_url=cpu_servers.tts, recognition_url=cpu_servers.whisperx)
    with Speech(found) as speech, Recognition(found) as recognition:
        clip: Clip = speech.generate(TEXT)
        assert "good morning" in recognition.transcribe(clip.audio).text.lower()
        words = recognition.align(clip.audio, TEXT).words
    assert words[-1].end <= clip.duration_seconds + 0.01


def test_a_sleeping_gpu_is_woken_by_the_call_and_waited_for(house: House) -> None:
    told: list[str] = []
    found = config(url=URL, api_key=ALICE)
    with (
        Speech(
            found, transport=SleepingDoor(house), patience=Patience(busy_seconds=0),
            on_wait=lambda waiting: told.append(waiting.state),
        ) as speech,
        pytest.raises(NotReady, match="GPU is asleep; it is being started") as caught,
    ):  # fmt: skip
        speech.generate(TEXT)
    assert (caught.value.state, caught.value.eta_seconds) == ("asleep", 540)
    assert len(house.woken) == 1


def test_the_power_switch_starts_leases_and_tells(house: House) -> None:
    with Power(config(url=URL, api_key=ALICE), transport=SleepingDoor(house)) as power:
        assert power.start(reason="demo")["state"] == "asleep"
        status = power.status()
        assert (status.state, status.usual_seconds) == ("asleep", 360)
        lease = power.lease(2, "demo")["lease"]
        assert [each["id"] for each in power.leases()] == [lease["id"]]
        power.extend_lease(lease["id"], 3)
        power.release_lease(lease["id"])
        assert power.leases() == []
        with pytest.raises(RequestRefused, match="no such lease"):
            power.release_lease("nothing")
        power.stop(reason="lunch")
    assert house.store.read().stop_wishes["live"].at > NOW - 1


def test_servers_of_a_laptop_have_no_power_switch(clock_app: MakeApp) -> None:
    transport = httpx.WSGITransport(app=clock_app())
    with Power(config(), transport=transport) as power:
        for call in (power.status, power.start, power.stop, power.leases):
            with pytest.raises(PowerMissing, match="--url"):
                call()
