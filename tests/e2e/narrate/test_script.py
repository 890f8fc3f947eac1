"""A whole script in one call: every word in its place, every marker where the voice put it."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import webvtt

from bench.voice_times import TimedVoice
from tests.e2e.narrate.calls import SMALL_EARS, TEXTS, first_sentence, is_quiet, marked, narrate
from tests.runtime.conftest import read_wav
from tests.servers import Running

Item = dict[str, Any]
NEAR_SECONDS = 0.1
# Ten minutes of speech are spoken, heard and aligned; a machine with other work takes long for it.
pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def items(cpu_servers: Running) -> list[Item]:
    """One for each segment of the script."""
    answer = narrate(cpu_servers.tts, {"texts": [marked(text) for text in TEXTS]})
    assert (answer["count"], answer["failed"], answer["success"]) == (47, 0, True)
    assert is_quiet(cpu_servers.tts)
    assert is_quiet(cpu_servers.whisperx)
    found: list[Item] = answer["items"]
    return found


def test_words_are_those_of_the_script_in_order_and_within_the_audio(items: list[Item]) -> None:
    for item, text in zip(items, TEXTS, strict=True):
        assert item["text"] == " ".join(text.split())
        assert [word["word"] for word in item["words"]] == text.split()
        audio, rate = read_wav(item["audio"])
        times = [time for word in item["words"] for time in (word["start"], word["end"])]
        assert all(0 <= a <= b for a, b in pairwise(times))
        assert times[-1] <= item["duration"] <= len(audio) / rate
    assert sum(word["aligned"] for item in items for word in item["words"]) > 900


def test_each_marker_is_at_its_word(items: list[Item]) -> None:
    for item in items:
        words = item["words"]
        assert [(m["id"], m["edge"], m["word"]) for m in item["markers"]] == [
            one for i in range(len(words)) for one in ((f"s{i}", "start", i), (f"e{i}", "end", i))
        ]
        assert [m["time"] for m in item["markers"]] == [
            word[edge] for word in words for edge in ("start", "end")
        ]


def test_markers_are_where_the_voice_itself_put_the_words(items: list[Item]) -> None:
    voice = TimedVoice()
    starts, ends = [], []
    for item in items:
        sentence = first_sentence(item["text"])
        if not sentence:
            continue
        _, truth = voice.say(sentence)
        assert len(truth) == len(sentence.split())
        times = {marker["id"]: marker["time"] for marker in item["markers"]}
        starts += [abs(times[f"s{i}"] - word.sound) for i, word in enumerate(truth)]
        # The voice's own end of a word before a pause is somewhere in the pause.
        joined = [i for i, (a, b) in enumerate(pairwise(truth)) if b.start - a.end < 1e-6]
        ends += [abs(times[f"e{i}"] - truth[i].end) for i in joined]
    assert len(starts) > 200
    assert len(ends) > 150
    assert max(starts) <= NEAR_SECONDS
    assert max(ends) <= NEAR_SECONDS


def seconds(time: Any) -> float:
    part = timedelta(
        hours=time.hours, minutes=time.minutes, seconds=time.seconds, milliseconds=time.milliseconds
    )
    return part.total_seconds()


def test_subtitles_are_read_by_another_program_and_show_all_words_in_time(
    items: list[Item],
) -> None:
    for item in items:
        vtt = webvtt.from_buffer(io.BytesIO(item["vtt"].encode()), format="vtt")
        srt = webvtt.from_buffer(io.BytesIO(item["srt"].encode()), format="srt")
        assert [c.text for c in vtt.captions] == [c.text for c in srt.captions]
        for captions in (vtt.captions, srt.captions):
            shown = [word for caption in captions for word in caption.text.split()]
            assert shown == item["text"].split()
            times = [t for c in captions for t in (seconds(c.start_time), seconds(c.end_time))]
            assert all(a <= b for a, b in pairwise(times))
            assert times[-1] <= item["duration"]
            at = 0
            for caption in captions:
                count = len(caption.text.split())
                own = item["words"][at : at + count]
                assert seconds(caption.start_time) <= own[0]["start"] + 0.001
                assert own[-1]["end"] <= seconds(caption.end_time) + 0.001
                at += count


def test_what_is_said_well_passes_at_the_first_attempt(cpu_servers: Running) -> None:
    texts = TEXTS[::6]
    items = narrate(cpu_servers.tts, {"texts": texts, "verify": SMALL_EARS})["items"]
    for item in items:
        found = item["verification"]
        assert (found["passed"], found["attempts"], found["reasons"]) == (True, 1, [])
        assert found["word_error_rate"] <= SMALL_EARS
    assert sum(item["verification"]["word_error_rate"] == 0 for item in items) > len(texts) / 2


def test_a_text_as_long_as_one_may_be_is_narrated_in_parts(cpu_servers: Running) -> None:
    text = " ".join(TEXTS[:30])[:4900] + " {end#}"
    answer = narrate(cpu_servers.tts, {"text": text, "format": "opus"})
    words = answer["words"]
    assert [word["word"] for word in words] == text.split()[:-1]
    times = [time for word in words for time in (word["start"], word["end"])]
    assert all(0 <= a <= b for a, b in pairwise(times))
    assert answer["duration"] - 2 < times[-1] <= answer["duration"]
    assert answer["duration"] > 240
    assert sum(word["aligned"] for word in words) > 0.97 * len(words)
    assert answer["markers"] == [
        {"id": "end", "time": times[-1], "edge": "end", "word": len(words) - 1}
    ]
