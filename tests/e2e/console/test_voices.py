"""What can be chosen beside the text: a voice that the server has, how it speaks, a seed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.console.proxies import proxy_of_this_machine
from tests.e2e.console.visits import WORK_MS, Visit, visit
from tests.servers import running_servers


@pytest.fixture(scope="module")
def many_voices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console's address, before servers that know the voices of the model on the GPU."""
    folder = tmp_path_factory.mktemp("voices")
    with (
        running_servers(
            folder, {"VOICE_ENGINE": "clock", "VOICE_GRACEFUL_SECONDS": "1"}
        ) as servers,
        proxy_of_this_machine(servers, folder) as address,
    ):
        yield address


@pytest.fixture
def made(chromium: Browser, many_voices: str) -> Iterator[Visit]:
    with visit(chromium, many_voices) as opened:
        opened.is_called("On")
        yield opened


def test_the_servers_voices_are_offered_its_own_first(made: Visit) -> None:
    voice = made.page.get_by_role("combobox", name="Voice")
    expect(voice).to_be_enabled()
    names = voice.locator("option").all_text_contents()
    assert names[0] == "Tone"
    assert "Ryan" in names
    assert len(names) == len(set(names))


def test_what_was_chosen_is_asked_for(made: Visit) -> None:
    made.page.get_by_role("combobox", name="Voice").select_option(label="Ryan")
    made.page.get_by_label(re.compile("^Instruct")).fill("calm")
    made.one("#speak .more summary").click()
    made.page.get_by_label(re.compile("^Seed")).fill("7")
    made.one("#speak").get_by_role("combobox", name="Language").select_option(label="English")
    with made.page.expect_request("**/tts/generate") as request:
        made.ask_to_speak("Hi.")
    assert request.value.post_data_json == {
        "text": "Hi.", "voice": "ryan", "instruct": "calm", "seed": 7, "language": "en",
    }  # fmt: skip
    expect(made.one("#speak-take")).to_contain_text("Seed 7", timeout=WORK_MS)


def test_the_servers_own_voice_is_not_named(made: Visit) -> None:
    with made.page.expect_request("**/tts/generate") as request:
        made.ask_to_speak("Hi.")
    assert request.value.post_data_json == {"text": "Hi."}


def test_a_chosen_voice_survives_a_reload(made: Visit) -> None:
    made.page.get_by_role("combobox", name="Voice").select_option(label="Ryan")
    made.page.reload()
    expect(made.page.get_by_role("combobox", name="Voice")).to_have_value("ryan")
