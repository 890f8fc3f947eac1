"""Somebody types a text, hears it, and sees each word when it is spoken."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest
import webvtt
from playwright.sync_api import expect

from tests.e2e.console.visits import WORK_MS, Visit, Words

TEXT = "Good morning. In 2024 the price of a GPU was five dollars a day, and nobody complained."
# How far what is lit up may be from what is heard.
NEAR_SECONDS = 0.1


@pytest.fixture
def spoken(here: Visit) -> Visit:
    here.speak(TEXT)
    return here


def saved(visit: Visit, button: str) -> Path:
    with visit.page.expect_download(timeout=WORK_MS) as download:
        visit.one("#speak").get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path())


def test_the_audio_plays_and_is_as_long_as_its_file(spoken: Visit) -> None:
    found = spoken.script("heard")
    with wave.open(io.BytesIO(saved(spoken, "Audio").read_bytes())) as file:
        assert file.getframerate() == 24000
        seconds = file.getnframes() / file.getframerate()
    assert found["duration"] == pytest.approx(seconds, abs=0.05)
    assert seconds > 3
    expect(spoken.one("#speak audio")).to_have_js_property("ended", True, timeout=WORK_MS)


def test_the_word_that_is_heard_is_the_one_that_is_lit_up(here: Visit) -> None:
    words = here.speak(TEXT)
    assert [word["word"] for word in words] == TEXT.split()
    seen = here.script("follow")
    assert [at for at, index in seen if not near(words, at, index)] == []
    assert {index for _, index in seen} >= set(range(len(words)))


def test_a_highlight_that_is_late_would_be_seen(here: Visit) -> None:
    source = here.page.request.get(f"{here.page.url}console/words.js").text()
    late = source.replace("wordAt(this.#words, seconds)", "wordAt(this.#words, seconds - 0.3)")
    assert late != source
    kind = {"Content-Type": "text/javascript"}
    here.page.route("**/words.js", lambda route: route.fulfill(body=late, headers=kind))
    here.page.reload()
    words = here.speak(TEXT)
    assert any(not near(words, at, index) for at, index in here.script("follow"))


def near(words: Words, at: float, index: int) -> bool:
    """Whether this word is being spoken, or was the last one, within the tolerance."""
    begun = index < 0 or words[index]["start"] <= at + NEAR_SECONDS
    following = index + 1 >= len(words) or at < words[index + 1]["start"] + NEAR_SECONDS
    return begun and following


def test_the_waveform_is_drawn_and_what_was_played_is_coloured(spoken: Visit) -> None:
    expect(spoken.one("#speak audio")).to_have_js_property("ended", True, timeout=WORK_MS)
    spoken.one("#speak .seek").press("Home")
    expect(spoken.one("#speak .figure").nth(1)).to_contain_text("0:00 /")
    rest = spoken.script("drawn")
    assert rest["share"] > 0.05
    box = spoken.one("#speak canvas").bounding_box()
    assert box is not None
    spoken.one("#speak .seek").click(position={"x": box["width"] / 2, "y": 20})
    half = spoken.script("drawn")
    assert half["colours"] > rest["colours"]
    at, duration = (spoken.script("heard")[name] for name in ("at", "duration"))
    assert at == pytest.approx(duration / 2, abs=0.2)


def test_a_word_that_is_chosen_is_heard_next(here: Visit) -> None:
    start = next(word["start"] for word in here.speak(TEXT) if word["word"] == "price")
    word = here.one("#speak .word").filter(has_text="price")
    word.click()
    expect(word).to_have_attribute("aria-current", "true")
    assert here.script("heard")["at"] >= start


def test_subtitles_can_be_read_and_are_valid(spoken: Visit) -> None:
    vtt, srt = saved(spoken, "VTT"), saved(spoken, "SRT")
    for file in (webvtt.read(str(vtt)), webvtt.from_srt(str(srt))):
        captions = file.captions
        assert " ".join(cue.text for cue in captions).split() == TEXT.split()
        assert captions[0].text == "Good morning."
        for cue in captions:
            assert len(cue.lines) <= 2
            assert all(len(line) <= 42 for line in cue.lines)
        ends = [cue.end_in_seconds for cue in captions]
        assert ends == sorted(ends)


def test_other_formats_are_made_when_they_are_asked_for(spoken: Visit) -> None:
    spoken.page.get_by_label("Save as").select_option("flac")
    assert saved(spoken, "Audio").read_bytes()[:4] == b"fLaC"


def test_what_was_typed_survives_a_reload(spoken: Visit) -> None:
    spoken.page.get_by_label("Instruct").fill("calm")
    spoken.page.reload()
    expect(spoken.page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    expect(spoken.page.get_by_label("Instruct")).to_have_value("calm")
    expect(spoken.one("#speak audio")).to_have_count(0)


def test_the_page_complains_of_nothing_and_asks_nobody_else(spoken: Visit) -> None:
    assert spoken.complaints == []
    assert spoken.hosts == {"localhost"}


def test_calls_are_listed(spoken: Visit) -> None:
    row = spoken.one("#calls-rows tr").filter(has_text="/align").first
    expect(row).to_contain_text("done", timeout=WORK_MS)
    expect(row).to_contain_text("console")
