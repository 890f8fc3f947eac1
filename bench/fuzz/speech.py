"""Bodies as real clients send them, now and then with something strange inside."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bench.fuzz.recordings import Recordings

Body = SearchStrategy[dict[str, Any]]

SENTENCES = (
    "Good morning, and welcome.",
    "The meeting starts at 9:30 in room 4.",
    "Press Ctrl+C to stop it.",
    "It costs $5, or 20 % less.",
    "Dr. Smith's e-mail arrived in 2024!",
    "Who is there?",
    "Yes.",
    "Speaker 1: Let us begin.",
    "Here are the results. Amazing.",
    "Open the file, change one line - and save.",
    "A",
    "3.14159",
    "\u00a5\u00b9 or \u20ac\u00b2",
    "I said \u201cno\u201d \u2013 twice\u2026",
)
STRANGE = (
    "\u200b", "\ufeff", "\u202e", "\x00", "\x1b[31m", "\t\n", "\U0001f600", "e\u0301", "\u00df",
    "\u65e5\u672c\u8a9e", "\u0627\u0644", "\ufffd", "\u2028", "<b>", "&amp;", "%s", "{0}", "\\",
    "\"", "<|im_end|>", "'; --", "\U000e0001", "\u0e33", "1e400", "\u2155", "\u00bd", "IV",
    "\u00b2", "\u2460", "\u247b",
)  # fmt: skip
INSTRUCTS = (None, "", "Speak slowly.", "Angry!", "\u00e9\U0001f600")
LANGUAGES = ("en", "EN", "en-US", "en_GB", " en ", None)
# Of the family that `make run` starts; another family refuses all but the empty ones.
FORMATS = ("wav", "wav", "flac", "mp3", "opus", "aac", "pcm")
ACCEPTED = ("audio/flac", "audio/mpeg;q=0.9, */*;q=0.1", "audio/ogg", "audio/*", "*/*")
MODELS = ("tts-1", "gpt-4o-mini-tts", "tts-9")
MARKERS = (" {#a} ", " {a#} ", "{#a.b-c_1}", "{z#}", " {#\u00e9} {#b} ", "{#a}{#a}", "{#}", "{ }")
VOICES = ("heart", "HEART", " Heart ", "", None)


def texts() -> SearchStrategy[str]:
    """A sentence, mostly as it is."""
    plain = st.sampled_from(SENTENCES)
    return st.one_of(
        plain,
        plain,
        st.lists(plain, min_size=1, max_size=4).map(" ".join),
        st.builds(
            _inserted, plain, st.sampled_from(STRANGE) | st.text(max_size=6), st.floats(0, 1)
        ),
    )


def audios(recordings: Recordings) -> SearchStrategy[str]:
    """Any recording, half of them good."""
    speech = [audio for audio, _ in recordings.speech]
    return st.one_of(
        st.sampled_from(speech),
        st.sampled_from(recordings.sounds),
        st.sampled_from(recordings.broken),
        st.sampled_from(recordings.broken),
    )


def bodies(path: str, recordings: Recordings) -> Body:
    """For an endpoint with a model, something that its engine can work on in most cases."""
    heard = st.one_of(
        st.sampled_from([audio for audio, _ in recordings.speech]),
        st.sampled_from(recordings.sounds),
        st.sampled_from(recordings.sounds),
    )
    pairs = st.sampled_from(recordings.speech).map(lambda pair: {"audio": pair[0], "text": pair[1]})
    items = st.one_of(pairs, st.fixed_dictionaries({"audio": heard, "text": texts()}))
    language: dict[str, SearchStrategy[Any]] = {"language": st.sampled_from(LANGUAGES)}
    formats = st.sampled_from(FORMATS)
    manner: dict[str, SearchStrategy[Any]] = {
        "format": formats,
        "instruct": st.sampled_from(INSTRUCTS),
        "voice": st.sampled_from(VOICES),
    }
    made: dict[str, Body] = {
        "/generate": st.fixed_dictionaries({"text": texts()}, optional=manner),
        "/generate_batch": st.lists(texts(), min_size=1, max_size=5).flatmap(_generate_batch),
        "/transcribe": st.fixed_dictionaries({"audio": heard}, optional=language),
        "/transcribe_batch": st.fixed_dictionaries(
            {"audios": st.lists(heard, min_size=1, max_size=3)}, optional=language
        ),
        "/align": st.builds(_joined, items, st.fixed_dictionaries({}, optional=language)),
        "/align_batch": st.fixed_dictionaries(
            {"items": st.lists(items | _odd_items(recordings), min_size=1, max_size=4)},
            optional=language,
        ),
    }
    made |= {
        "/narrate": st.one_of(
            st.fixed_dictionaries({"text": marked()}, optional=narrated()),
            st.fixed_dictionaries(
                {"texts": st.lists(marked(), min_size=1, max_size=3)}, optional=narrated()
            ),
        ),
        "/v1/audio/speech": st.fixed_dictionaries(
            {"model": st.sampled_from(MODELS), "input": texts()},
            optional={
                "voice": st.sampled_from(("alloy", "NOVA", "heart", {"id": "heart"})),
                "response_format": formats,
                "speed": st.sampled_from((0.25, 1, 1.0, 1.7, 4)),
                "stream_format": st.sampled_from(("audio", "sse", None)),
            },
        ),
        "/v1/audio/transcriptions": st.fixed_dictionaries(
            {"file": heard.map(base64.b64decode), "model": st.just("whisper-1")},
            optional={
                "response_format": st.sampled_from(("json", "text", "srt", "vtt", "verbose_json")),
                "timestamp_granularities[]": st.lists(st.sampled_from(("word", "segment"))),
                "language": st.sampled_from(("en", "")),
                "stream": st.sampled_from(("true", "false", "")),
            },
        ),
    }
    return made[path]


def headers(path: str) -> SearchStrategy[dict[str, str]]:
    """What may stand beside such a body: another kind of answer."""
    none: SearchStrategy[dict[str, str]] = st.just({})
    if path == "/generate":
        return none | st.sampled_from(ACCEPTED).map(lambda kind: {"Accept": kind})
    if path.endswith("_batch") or path == "/narrate":
        return none | none | st.just({"Prefer": "respond-async"})
    return none


def marked() -> SearchStrategy[str]:
    """A text with markers, most of them well made."""
    return st.builds(_inserted, texts(), st.sampled_from(MARKERS), st.floats(0, 1))


def narrated() -> dict[str, SearchStrategy[Any]]:
    return {
        "verify": st.sampled_from((None, 0, 0.3, 1)),
        "attempts": st.just(1),
        "format": st.sampled_from(FORMATS),
    }


def _generate_batch(spoken: list[str]) -> Body:
    def each(choices: tuple[str | None, ...]) -> SearchStrategy[Any]:
        one = st.sampled_from(choices)
        return st.none() | st.lists(one, min_size=len(spoken), max_size=len(spoken))

    more: dict[str, SearchStrategy[Any]] = {
        "instruct": st.sampled_from(INSTRUCTS),
        "instructs": each(INSTRUCTS),
        "voice": st.sampled_from(VOICES),
        "voices": each(VOICES),
        "batch": st.sampled_from([True, False, None]),
        "delivery": st.just("inline"),
        "format": st.sampled_from(FORMATS),
    }
    return st.fixed_dictionaries({"texts": st.just(spoken)}, optional=more)


def _odd_items(recordings: Recordings) -> SearchStrategy[Any]:
    broken = st.fixed_dictionaries(
        {"audio": st.sampled_from(recordings.broken), "text": st.sampled_from(SENTENCES)}
    )
    return broken | st.sampled_from([None, 7, "x", [], {}, {"audio": ""}, {"text": "a"}])


def _joined(item: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {**item, **more}


def _inserted(sentence: str, strange: str, place: float) -> str:
    at = int(place * len(sentence))
    return sentence[:at] + strange + sentence[at:]
