"""Two true servers that answer: what is right is said to be so, what is wrong fails."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from gpuvoice.config import ClientConfig
from gpuvoice.doctor.asking import Asker
from gpuvoice.doctor.examine import examine
from gpuvoice.doctor.finding import failed
from gpuvoice.doctor.key import check_key
from gpuvoice.doctor.pages import check_pages, origin_of
from gpuvoice.doctor.servers import check_servers, look
from gpuvoice.errors import ConfigError
from tests import web
from tests.client.doctor.conftest import SECRET, SLIDES, config_of
from tests.client.doctor.findings import by_check, statuses
from tests.servers import Running, free_ports

SERVERS = ("speech", "recognition")


def test_nothing_fails_where_nothing_is_wrong(slot_servers: Running) -> None:
    found = list(examine(config_of(slot_servers), origin=SLIDES))
    assert [each for each in found if each.status in ("warn", "fail")] == []
    told = by_check(found)
    assert told["key, speech server"].found == "the key is taken"
    assert told["key, recognition server"].found == "the key is taken"
    assert told["slot and release"].found == "both servers: slot blue, release v1"
    assert told["clock"].found == "agrees with the server's"
    assert told["speech URL"].found == f"{slot_servers.tts}, from: TTS_SERVER_URL"
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("key", "found"),
    [("gv_other", "the key is refused (401)"), ("", "a key is needed, and none is set")],
)
def test_a_wrong_key_and_a_missing_one_fail_with_what_to_do(
    slot_servers: Running, key: str, found: str
) -> None:
    told = by_check(examine(config_of(slot_servers, key)))
    refused = [told[name] for name in told if name.startswith("key,")]
    assert {each.status for each in refused} == {"fail"}
    assert {each.found for each in refused} == {found}
    assert all("make key NAME=you" in each.mend for each in refused)


def test_a_key_inside_the_url_is_tried_too_and_never_shown(slot_servers: Running) -> None:
    config = ClientConfig.resolve(
        speech_url=slot_servers.tts.replace("//", f"//key:{SECRET}@"),
        recognition_url=slot_servers.whisperx.replace("//", f"//key:{SECRET}@"),
        environ={},
    )
    found = list(examine(config))
    assert not failed(found)
    assert by_check(found)["key, speech server"].found == "the key is taken"
    assert SECRET not in repr(found)


def test_servers_without_keys_need_none(cpu_servers: Running) -> None:
    told = by_check(examine(config_of(cpu_servers, "")))
    assert told["key, speech server"].found == "none is needed from here"
    assert told["slot and release"].found == "none: servers outside the stack"
    assert "the small models" in told["precision, speech server"].found


def test_looking_keeps_no_server_awake(slot_servers: Running) -> None:
    """Only accepted requests count against the idle stop."""

    def idle_seconds() -> list[float]:
        urls = (slot_servers.tts, slot_servers.whisperx)
        answers = [
            web.get(f"{url}/internal/activity", headers={"X-Voice-Internal": "1"}) for url in urls
        ]
        return [answer.json()["seconds_since_last_request"] for answer in answers]

    before = idle_seconds()
    assert not failed(examine(config_of(slot_servers)))
    assert all(later > earlier for later, earlier in zip(idle_seconds(), before, strict=True))


def test_a_server_that_is_being_stopped_gets_no_call_with_a_key() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        if request.url.path == "/power/status":
            return httpx.Response(200, json={"state": state})
        return httpx.Response(400 if request.method == "POST" else 200, json={"status": "ok"})

    config = ClientConfig.resolve(url="https://gpu.example.com", api_key=SECRET, environ={})
    for now, posts in (("stopping", 0), ("on", 2)):
        state = now
        sent.clear()
        with Asker(config.api_key, httpx.MockTransport(answer)) as asker:
            found = statuses(check_key(config, asker, look(config, asker)))
        assert found["key, power switch"] == "ok"
        assert len([each for each in sent if each.startswith("POST")]) == posts


@pytest.mark.parametrize("origin", ["https://other.example.com", "http://localhost:3000"])
def test_an_origin_that_may_not_call_fails_with_the_header_that_is_missing(
    slot_servers: Running, origin: str
) -> None:
    told = by_check(examine(config_of(slot_servers), origin=origin))
    for name in SERVERS:
        finding = told[f"pages (CORS), {name} server"]
        assert finding.status == "fail"
        assert "Access-Control-Allow-Origin is missing" in finding.found
        assert "servers.cors_origins" in finding.mend


@pytest.mark.parametrize(
    ("headers", "lack"),
    [
        ({}, "Access-Control-Allow-Origin is missing"),
        ({"Access-Control-Allow-Origin": "https://a.example.com"}, "names https://a.example.com"),
        ({"Access-Control-Allow-Origin": "*"}, "Access-Control-Allow-Headers lacks content-type"),
        (
            {"Access-Control-Allow-Origin": SLIDES, "Access-Control-Allow-Headers": "Content-Type"},
            "Access-Control-Allow-Headers lacks x-api-key",
        ),
    ],
)
def test_what_a_browser_misses_in_a_preflight_is_named(headers: dict[str, str], lack: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "OPTIONS":
            return httpx.Response(204, headers=headers)
        return httpx.Response(200, json={"status": "ok"}, headers=headers)

    config = ClientConfig.resolve(url="https://gpu.example.com", api_key=SECRET, environ={})
    with Asker(config.api_key, httpx.MockTransport(answer)) as asker:
        found = list(check_pages(config, asker, look(config, asker, SLIDES), SLIDES))
    assert len(found) == 2
    assert all(each.status == "fail" and lack in each.found for each in found)


def test_an_answer_that_a_page_may_not_read_fails_although_it_may_ask() -> None:
    granted = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "content-type"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "OPTIONS":
            return httpx.Response(204, headers=granted)
        return httpx.Response(200, json={"status": "ok"})

    config = ClientConfig.resolve(url="https://gpu.example.com", environ={})
    with Asker(config.api_key, httpx.MockTransport(answer)) as asker:
        found = list(check_pages(config, asker, look(config, asker, SLIDES), SLIDES))
    assert all("Access-Control-Allow-Origin is missing (200)" in each.found for each in found)


@pytest.mark.parametrize("text", ["slides.example.com", "https://a/b", "https://a?b", "file:///a"])
def test_an_origin_is_scheme_and_host(text: str) -> None:
    with pytest.raises(ConfigError, match="--origin is"):
        origin_of(text)
    assert origin_of("https://Slides.example.com:443/") == SLIDES


def test_swapped_urls_are_seen(slot_servers: Running) -> None:
    config = ClientConfig.resolve(
        speech_url=slot_servers.whisperx, recognition_url=slot_servers.tts,
        api_key=SECRET, environ={},
    )  # fmt: skip
    told = by_check(examine(config))
    for name, other in (("speech", "recognition"), ("recognition", "speech")):
        assert told[f"{name} server"].status == "fail"
        assert f"answers the {other} server" in told[f"{name} server"].found
        assert "Swap the two URLs" in told[f"{name} server"].mend


def test_where_nobody_listens_the_rest_is_skipped() -> None:
    tts, whisperx = free_ports(2)
    config = ClientConfig.resolve(
        speech_url=f"http://localhost:{tts}", recognition_url=f"http://localhost:{whisperx}",
        environ={},
    )  # fmt: skip
    told = statuses(examine(config, origin=SLIDES))
    failures = {name for name, status in told.items() if status == "fail"}
    assert failures == {"connection", "speech server", "recognition server"}
    for name in ("versions", "clock", "key, speech server", "pages (CORS), speech server"):
        assert told[name] == "skipped", name


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (httpx.Response(404, text="<html>"), "is not this server (404)"),
        (httpx.Response(200, text="<html>"), "is not this server (200)"),
        (httpx.Response(503, text="<html>"), "has no server to hand calls to (503)"),
        (httpx.Response(301, headers={"location": "https://b/health"}), "sends callers elsewhere"),
        (httpx.Response(403, json={"error": "Not by that name."}), "Not by that name."),
    ],
)
def test_an_answer_of_something_else_is_no_health(answer: httpx.Response, found: str) -> None:
    config = ClientConfig.resolve(url="https://gpu.example.com", environ={})
    with Asker(config.api_key, httpx.MockTransport(lambda request: answer)) as asker:
        told = list(check_servers(look(config, asker)))
    assert all(each.status == "fail" and found in each.found and each.mend for each in told)


@pytest.mark.parametrize(
    ("stage", "status"), [("loading", "warn"), ("starting", "warn"), ("failed", "fail")]
)
def test_a_model_that_loads_is_waited_for_and_one_that_cannot_is_a_failure(
    stage: str, status: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/ready"):
            return httpx.Response(503, json={"ready": False, "models": {"speak": {"stage": stage}}})
        return httpx.Response(200, json={"status": "ok"})

    config = ClientConfig.resolve(url="https://gpu.example.com", environ={})
    with Asker(config.api_key, httpx.MockTransport(answer)) as asker:
        found = by_check(check_servers(look(config, asker)))["speech server"]
    assert (found.status, f"speak: {stage}" in found.found) == (status, True)


def test_a_key_is_not_sent_readable_to_another_machine() -> None:
    config = ClientConfig.resolve(url="http://gpu.example.com", api_key=SECRET, environ={})
    transport = httpx.MockTransport(lambda request: httpx.Response(404))
    key = by_check(examine(config, transport=transport))["key"]
    assert key.status == "fail"
    assert "https://" in key.mend


def test_a_settings_file_with_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "server_config.json"
    file.write_text('{"api_key": "gv_secret"}', encoding="utf-8")
    transport = httpx.MockTransport(lambda request: httpx.Response(404))
    for mode, status in ((0o644, "warn"), (0o600, None)):
        file.chmod(mode)
        config = ClientConfig.resolve(environ={}, folder=tmp_path)
        told = statuses(examine(config, transport=transport))
        assert told.get("settings file") == status
