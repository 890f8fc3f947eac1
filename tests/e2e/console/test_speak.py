"""Somebody types a text, hears it, and sees each word when it is spoken."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import webvtt
from playwright.sync_api import Browser, expect

from tests.e2e.console.visits import WORK_MS, Visit, Words, visit

TEXT = "Good morning. In 2024 the price of a GPU was five dollars a day, and who complained?"
SHORT = "Hello there, my friend."
# How far what is lit up may be from what is heard.
NEAR_SECONDS = 0.1


@pytest.fixture(scope="module")
def spoken(chromium: Browser, local_console: str) -> Iterator[Visit]:
    """One page, which has spoken the text once."""
    with visit(chromium, local_console) as made:
        made.is_called("On")
        made.speak(TEXT)
        yield made


def saved(visit: Visit, button: str) -> Path:
    with visit.page.expect_download(timeout=WORK_MS) as download:
        visit.one("#speak").get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path())


def test_the_audio_is_as_long_as_its_file(spoken: Visit) -> None:
    with wave.open(io.BytesIO(saved(spoken, "Audio").read_bytes())) as file:
        assert file.getframerate() == 24000
        seconds = file.getnframes() / file.getframerate()
    assert spoken.script("heard")["duration"] == pytest.approx(seconds, abs=0.05)
    assert seconds > 3


def is_drawn(word: dict[str, float], pictures: list[tuple[float, float]]) -> bool:
    gaps = (
        after - before
        for before, after in pictures
        if before < word["end"] and after > word["start"]
    )
    return max(gaps, default=0.0) < word["end"] - word["start"]


def test_the_word_that_is_heard_is_the_one_that_is_lit_up(spoken: Visit) -> None:
    words = spoken.words
    assert [word["word"] for word in words] == TEXT.split()
    seen = spoken.script("follow")
    assert [at for at, index in seen if not near(words, at, index)] == []
    # A word that is shorter than the page took between two pictures may be passed over.
    pictures = [(before, after) for (before, _), (after, _) in pairwise(seen)]
    drawn = {i for i, word in enumerate(words) if is_drawn(word, pictures)}
    assert {index for _, index in seen} >= drawn
    assert len(drawn) > len(words) / 2
    expect(spoken.one("#speak audio")).to_have_js_property("ended", True)


def test_a_highlight_that_is_late_would_be_seen(here: Visit) -> None:
    source = here.page.request.get(f"{here.page.url}console/words.js").text()
    late = source.replace("wordAt(this.#words, seconds)", "wordAt(this.#words, seconds - 0.3)")
    assert late != source
    kind = {"Content-Type": "text/javascript"}
    here.page.route("**/words.js", lambda route: route.fulfill(body=late, headers=kind))
    here.page.reload()
    words = here.speak(SHORT)
    assert any(not near(words, at, index) for at, index in here.script("follow"))


def near(words: Words, at: float, index: int) -> bool:
    """Whether this word is being spoken, or was the last one, within the tolerance."""
    begun = index < 0 or words[index]["start"] <= at + NEAR_SECONDS
    following = index + 1 >= len(words) or at < words[index + 1]["start"] + NEAR_SECONDS
    return begun and following


def test_the_waveform_is_drawn_and_what_was_played_is_coloured(spoken: Visit) -> None:
    spoken.script("pause")
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


def test_a_word_that_is_chosen_is_heard_next(spoken: Visit) -> None:
    start = next(word["start"] for word in spoken.words if word["word"] == "price")
    spoken.script("pause")
    spoken.one("#speak .seek").press("Home")
    word = spoken.one("#speak .word").filter(has_text="price")
    word.click()
    expect(word).to_have_attribute("aria-current", "true")
    assert spoken.script("heard")["at"] >= start
    expect(spoken.one("#speak .play")).to_have_attribute("aria-label", "Pause")


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


def test_calls_are_listed(spoken: Visit) -> None:
    row = spoken.one("#calls-rows tr").filter(has_text="/align").first
    expect(row).to_contain_text("done", timeout=WORK_MS)
    expect(row).to_contain_text("console")


def test_the_page_complains_of_nothing_and_asks_nobody_else(spoken: Visit) -> None:
    assert spoken.complaints == []
    assert spoken.hosts == {"localhost"}


def test_it_is_played_at_once_and_what_was_typed_survives_a_reload(here: Visit) -> None:
    here.page.get_by_label("Instruct").fill("calm")
    here.speak(SHORT)
    expect(here.one("#speak audio")).to_have_js_property("ended", True, timeout=WORK_MS)
    here.page.reload()
    expect(here.page.get_by_label("Text", exact=True)).to_have_value(SHORT)
    expect(here.page.get_by_label("Instruct")).to_have_value("calm")
    expect(here.one("#speak audio")).to_have_count(0)


def test_each_word_that_lights_up_is_heard_where_a_text_is_decorated(here: Visit) -> None:
    words = here.speak("Speaker 1: Hello there. Amazing.")
    assert [word["word"] for word in words] == ["Hello", "there"]
    assert all(word.get("aligned", True) for word in words)
    with here.page.expect_download() as download:
        here.one("#speak").get_by_role("button", name="VTT", exact=True).click()
    assert download.value.suggested_filename == "hello-there.vtt"


def test_the_seed_0_is_told_like_any_other(here: Visit) -> None:
    here.one("#speak .more summary").click()
    here.page.get_by_label("Seed").fill("0")
    here.speak("Hi.")
    expect(here.one("#speak-take")).to_contain_text("Seed 0:")
