"""A voice that finds no end, over HTTP: called off, out of time, cut off. And greedy decoding."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import web
from tests.models.cached import cached
from tests.models.log_lines import frames_waited, metric
from tests.models.random_ears import make_random_ears
from tests.models.serving import activity, alike, ask, idle, recordings, refused, samples
from tests.models.tiny_voice import make_voice
from tests.models.variables import with_models
from tests.patience import until
from tests.runtime.raw_http import connect, request_bytes
from tests.servers import Running, running_servers
from voicehost.engines.cuda.speech.frames import frame_cap

# Cut off after 60 seconds of sound, which take longer to compute here than any test waits.
ENDLESS = "A sentence of a text that is long enough to keep the voice busy for a while " * 3
FRAME = 1920


@pytest.fixture(scope="module")
def endless(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Greedy, and with ears for all languages."""
    folder = tmp_path_factory.mktemp("endless")
    settings = {
        **with_models(models),
        "VOICE_TTS_MODEL": str(cached("endless", lambda made: make_voice(made, ends=False))),
        "VOICE_TTS_GREEDY": "1",
        "VOICE_ASR_MODEL": str(cached("random-ears", make_random_ears)),
        "VOICE_METRICS_SECONDS": "1",
    }
    with running_servers(folder, settings) as running:
        yield running


def next_one_waits_for_no_frames(endless: Running, request_id: str) -> None:
    """The model has stopped: of the hundreds of frames that were left, it made two at most."""
    url, name = f"{endless.tts}/generate", {"X-Request-Id": request_id}
    assert ask(url, {"text": "Hi."}, headers=name)["finish_reason"] == "length"
    assert frames_waited(endless.log, request_id) <= 2


def test_a_capped_text_says_so_and_is_counted(endless: Running) -> None:
    before = sum(metric(endless.log, "CappedTexts"))
    body = ask(f"{endless.tts}/generate", {"text": "Hi."})
    assert body["finish_reason"] == "length"
    assert len(samples(body["audio"])) == frame_cap("Hi.") * FRAME
    until(lambda: sum(metric(endless.log, "CappedTexts")) > before)


def test_a_batch_equals_each_text_alone_under_greedy_decoding(endless: Running) -> None:
    texts = ["Hi.", "Hello there.", "Good morning."]
    batch = ask(f"{endless.tts}/generate_batch", {"texts": texts})
    for text, audio in zip(texts, batch["audios"], strict=True):
        assert alike(ask(f"{endless.tts}/generate", {"text": text})["audio"], audio)


def test_a_caller_that_hangs_up_stops_the_model_and_the_next_is_served(endless: Running) -> None:
    with connect(endless.tts) as sock:
        sock.sendall(request_bytes("/generate", {"text": ENDLESS}))
        until(lambda: not idle(endless.tts))
    until(lambda: idle(endless.tts))
    next_one_waits_for_no_frames(endless, "after-hang-up")


def test_at_its_deadline_a_request_is_refused_and_the_model_is_free(endless: Running) -> None:
    answer = web.post(
        f"{endless.tts}/generate",
        json={"text": ENDLESS},
        headers={"X-Deadline-Seconds": "2"},
        timeout=60,
    )
    assert answer.status_code == 503
    assert "deadline" in answer.json()["error"]
    assert int(answer.headers["Retry-After"]) >= 1
    next_one_waits_for_no_frames(endless, "after-deadline")


def test_who_waits_behind_a_caller_that_leaves_is_served_next(endless: Running) -> None:
    alone = ask(f"{endless.tts}/generate", {"text": "Hello there."})
    with connect(endless.tts) as leaving, ThreadPoolExecutor(1) as pool:
        leaving.sendall(request_bytes("/generate", {"text": ENDLESS}))
        until(lambda: not idle(endless.tts))
        staying = pool.submit(ask, f"{endless.tts}/generate", {"text": "Hello there."})
        until(lambda: activity(endless.tts)["queue_depth"] == 1)
        leaving.close()
        assert alike(staying.result()["audio"], alone["audio"])


def test_a_language_without_an_alignment_model_is_still_transcribed(endless: Running) -> None:
    (text, audio), *_ = recordings().items()
    body = {"audio": audio, "language": "fr"}
    assert ask(f"{endless.whisperx}/transcribe", body)["text"]
    status, error = refused(f"{endless.whisperx}/align", {**body, "text": text})
    assert status == 400
    assert "en" in error
    assert "de" in error
