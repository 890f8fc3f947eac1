"""What is shown when something does not work: a sentence that says what to do, never a stack."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from power.policy import Policy
from power.quiet import QuietWindow
from tests.e2e.console.cloud import Cloud
from tests.e2e.console.proxies import proxy_of_deployment, proxy_of_this_machine
from tests.e2e.console.visits import WORK_MS, Visit, visit
from tests.servers import Running, free_ports

ALWAYS = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)


def test_no_text_is_told_at_once_and_where(here: Visit) -> None:
    here.ask_to_speak("  ")
    expect(here.one("#speak-alert")).to_contain_text("write what is to be said")
    expect(here.page.get_by_label("Text", exact=True)).to_be_focused()


def test_the_servers_own_sentence_is_shown_and_goes_with_the_next_try(here: Visit) -> None:
    alert = here.one("#speak-alert")
    here.ask_to_speak("<|secret|>")
    expect(alert).to_contain_text("text", timeout=WORK_MS)
    assert re.search(r"Traceback|\bat .*\.js|Error:", alert.text_content() or "") is None
    here.ask_to_speak("Hello there.")
    expect(here.one("#speak .word").first).to_be_visible(timeout=WORK_MS)
    expect(alert).to_be_empty()


def test_a_proxy_that_is_gone_is_told_in_words(
    chromium: Browser, cpu_servers: Running, tmp_path: Path
) -> None:
    with proxy_of_this_machine(cpu_servers, tmp_path) as address:
        opened = visit(chromium, address)
        made = opened.__enter__()
        made.is_called("On")
    try:
        made.is_called("Unreachable")
        expect(made.one("#gpu-sentence")).to_contain_text("The proxy does not answer")
        made.ask_to_speak("Hello.")
        expect(made.one("#speak-alert")).to_contain_text("gpuvoice proxy")
        assert made.complaints == []
    finally:
        opened.__exit__(None, None, None)


def test_servers_that_are_not_started_are_told_in_words(chromium: Browser, tmp_path: Path) -> None:
    tts, whisperx = (f"http://localhost:{port}" for port in free_ports(2))
    nobody = Running(tts, whisperx, tmp_path, None)  # type: ignore[arg-type]
    with proxy_of_this_machine(nobody, tmp_path) as address, visit(chromium, address) as made:
        made.is_called("Not running")
        expect(made.one("#gpu-sentence")).to_contain_text("make run")
        expect(made.one("#gpu-actions")).to_be_hidden()


def test_a_wrong_key_is_told_and_where_to_look(
    chromium: Browser, cloud: Cloud, tmp_path: Path
) -> None:
    with (
        proxy_of_deployment(cloud.url, "gv_nobody-s", tmp_path) as address,
        visit(chromium, address) as made,
    ):
        made.is_called("Unreachable")
        expect(made.one("#gpu-sentence")).to_contain_text("A valid key is needed")
        assert "gv_nobody" not in made.page.content()


def test_quiet_hours_are_asked_about(cloud: Cloud, there: Visit) -> None:
    cloud.house.open(quiet=ALWAYS)
    cloud.world.is_quiet = True
    there.is_called("Quiet hours")
    there.one("#gpu-start").click()
    expect(there.one("#ask-sentence")).to_contain_text("outside working hours")
    there.one("#ask-yes").click()
    there.is_called("Starting")


def test_a_failed_start_is_told_with_its_reason(cloud: Cloud, there: Visit) -> None:
    there.one("#gpu-start").click()
    there.is_called("Starting")
    cloud.look(26 * 60)
    there.is_called("Last start failed")
    expect(there.one("#gpu-sentence")).to_contain_text("you may start it at once")
    cloud.is_off()
    there.one("#gpu-start").click()
    there.one("#ask-yes").click()
    there.is_called("Starting")


def test_a_used_up_budget_is_told_and_a_lease_may_pass_it(cloud: Cloud, there: Visit) -> None:
    cloud.house.open(policy=Policy(budget_usd=0.01))
    there.one("#gpu-start").click()
    there.is_called("Starting")
    cloud.start()
    cloud.look(900)
    cloud.is_off()
    there.is_called("Budget used up")
    expect(there.one("#gpu-facts")).to_contain_text("of $0.01")
    expect(there.one("#gpu-start")).to_be_hidden()
    there.one("#lease summary").click()
    there.page.get_by_label("Why").fill("the fair")
    keep = there.one("#lease-form").get_by_role("button", name="Keep it on")
    keep.click()
    expect(there.one("#lease-alert")).to_contain_text("budget is used up")
    there.page.get_by_label("Also past this month's budget").check()
    keep.click()
    there.is_called("Starting")


def test_a_failure_after_signs_of_life_is_no_success(here: Visit) -> None:
    told = '  \n {"success": false, "error": "The GPU was taken away. Send it again."}'
    here.page.route("**/tts/generate", lambda route: route.fulfill(status=200, body=told))
    here.ask_to_speak("Hello.")
    expect(here.one("#speak-alert")).to_have_text("The GPU was taken away. Send it again.")
    expect(here.one("#speak audio")).to_have_count(0)


def test_an_answer_that_was_cut_off_is_told_in_words(here: Visit) -> None:
    here.page.route("**/tts/generate", lambda route: route.fulfill(status=200, body='  {"aud'))
    here.ask_to_speak("Hello.")
    expect(here.one("#speak-alert")).to_contain_text("cut off")


def test_audio_stays_where_its_words_cannot_be_timed(here: Visit) -> None:
    told = '{"success": false, "error": "Too busy."}'
    here.page.route("**/whisperx/align", lambda route: route.fulfill(status=503, body=told))
    here.ask_to_speak("Hello.")
    expect(here.one("#speak-alert")).to_contain_text("The audio is here;", timeout=WORK_MS)
    expect(here.one("#speak-alert")).to_contain_text("Too busy.")
    expect(here.one("#speak .play")).to_be_visible()


def test_a_load_balancers_html_is_told_in_words(cloud: Cloud, there: Visit) -> None:
    for status in (502, 504):
        cloud.broken = status
        there.is_called("Unreachable")
        assert "<html" not in (there.one("#gpu-sentence").text_content() or "")
        cloud.broken = 0
        there.is_called("Asleep")
