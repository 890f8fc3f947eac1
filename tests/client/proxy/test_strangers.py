"""Who may use the key that the proxy holds: this machine, the console, pages that were named."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests import web
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted

STRANGER, NEAR, NAMED = "https://evil.example", "http://localhost:3000", "https://slides.example"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
OWN = ["/tts/generate", "/whisperx/align", "/power/stop", "/api/power/stop", "/api/convert"]


@pytest.fixture(autouse=True)
def _answering(upstream: Scripted) -> None:
    def yes(line: Line) -> None:
        line.tell(200, {"success": True})

    for path in ("/generate", "/align", "/power/stop"):
        upstream.on[path] = [yes]


@pytest.fixture
def naming(upstream: Scripted) -> Iterator[Proxied]:
    with proxy_before(upstream.url, origins=(NAMED, "null"), allow_hosts=("voice.lan",)) as made:
        yield made


def call(base: str, path: str = "/generate", **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.post(base + path, json={"text": "x"}, headers=given, trust_env=False)


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:5000", "localhost.evil.example", "127.0.0.1.evil.example",
    "10.0.0.1", "[2001:db8::1]:5000", "0.0.0.0", "",
])  # fmt: skip
def test_a_name_that_is_not_this_machines_is_refused_on_every_port(
    upstream: Scripted, before: Proxied, host: str
) -> None:
    for base in (before.speech, before.recognition, before.console):
        for path in ("/generate", "/health", "/badge.svg", "/"):
            answer = call(base, path, Host=host)
            assert answer.status_code == 421
            assert "--allow-host" in answer.json()["error"]
    assert upstream.asked == []


@pytest.mark.parametrize("host", [
    "localhost", "localhost:1", "LOCALHOST:99", "127.0.0.1:5", "127.9.9.9", "[::1]:80",
    "voice.localhost",
])  # fmt: skip
def test_names_of_this_machine_are_answered(before: Proxied, host: str) -> None:
    assert call(before.speech, Host=host).status_code == 200


def test_a_host_that_was_named_is_answered(naming: Proxied) -> None:
    assert call(naming.speech, Host="voice.lan:5000").status_code == 200
    assert call(naming.speech, Host="voice.lan.evil.example").status_code == 421


@pytest.mark.parametrize("origin", [
    STRANGER, "http://localhost.evil.example", "http://localhost:3000.evil.example", "null",
    "http://evil.example#localhost", "file://", "chrome-extension://abc", "http://127.0.0.1.x.io",
])  # fmt: skip
def test_a_page_of_elsewhere_is_refused_with_what_would_let_it_in(
    upstream: Scripted, before: Proxied, origin: str
) -> None:
    for base, path in [(before.speech, "/generate"), (before.console, "/api/tts-generate"),
                       *[(before.console, path) for path in OWN]]:  # fmt: skip
        answer = call(base, path, Origin=origin)
        assert answer.status_code == 403
        assert "--origin" in answer.json()["error"]
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert upstream.asked == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_a_browser_says_is_from_elsewhere_is_refused_without_an_origin_too(
    upstream: Scripted, before: Proxied, site: str
) -> None:
    for base, path in [(before.speech, "/generate"), (before.console, "/api/status")]:
        given = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert web.get(base + path, headers=given, trust_env=False).status_code == 403
    assert upstream.asked == []


def test_the_console_may_be_opened_by_a_link_and_nothing_else(before: Proxied) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document"}  # fmt: skip
    frame = {**link, "Sec-Fetch-Dest": "iframe"}
    for url, headers, status in (
        (f"{before.console}/", link, 200),
        (f"{before.console}/", frame, 403),
        (f"{before.console}/api/status", link, 403),
        (f"{before.speech}/docs", link, 403),
    ):
        assert web.get(url, headers=headers, trust_env=False).status_code == status


@pytest.mark.parametrize("origin", [NEAR, "https://127.0.0.1:8", "http://[::1]:9"])
def test_a_page_of_this_machine_may_ask_for_speech_and_no_more(
    before: Proxied, origin: str
) -> None:
    answer = call(before.speech, Origin=origin)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Vary"] == "Origin"
    assert "X-Queue-Position" in answer.headers["Access-Control-Expose-Headers"]
    assert call(before.console, "/api/tts-generate", Origin=origin).status_code == 200
    for path in OWN:
        assert call(before.console, path, Origin=origin).status_code == 403
    assert call(before.speech, "/power/stop", Origin=origin).status_code == 403


@pytest.mark.parametrize("path", [
    "/jobs", "/jobs/7", "/jobs/7/results?from=0", "/tts/jobs/7", "/whisperx/jobs", "//jobs/7",
    "/%6aobs/7", "/tts/tts/jobs/7", "/tts/power/stop", "/tts//power/stop",
])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_page_of_this_machine_may_not_look_at_what_scripts_had_made(
    upstream: Scripted, before: Proxied, path: str, method: str
) -> None:
    def ask(base: str, **headers: str) -> httpx.Response:
        return web.request(method, base + path, headers=headers, trust_env=False)

    for base in (before.speech, before.recognition):
        answer = ask(base, Origin=NEAR)
        assert answer.status_code == 403
        assert f"--origin {NEAR}" in answer.json()["error"]
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert upstream.asked == []
    assert call(before.speech, Origin=NEAR).status_code == 200


def test_scripts_the_console_and_named_pages_may_look_at_jobs(
    upstream: Scripted, before: Proxied, naming: Proxied
) -> None:
    upstream.on["/jobs"] = [lambda line: line.tell(200, {"jobs": []})]
    for made, headers in (
        (before, {}),
        (before, {"Origin": before.console}),
        (naming, {"Origin": NAMED}),
    ):
        for path in ("/jobs", "/tts/jobs"):
            answer = web.get(made.speech + path, headers=headers, trust_env=False)
            assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/jobsx", "/generate/jobs"])
def test_what_is_only_named_like_jobs_is_for_pages_of_this_machine(
    before: Proxied, path: str
) -> None:
    answer = web.get(before.speech + path, headers={"Origin": NEAR}, trust_env=False)
    assert answer.status_code == 404


def test_the_console_may_do_everything(before: Proxied) -> None:
    port = before.console.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1", "[::1]"):
        given = {"Origin": f"http://{name}:{port}", "Sec-Fetch-Site": "same-origin"}
        assert call(before.console, "/tts/generate", **given).status_code == 200
        assert call(before.console, "/api/power/stop", **given).status_code == 200
    assert call(before.console, "/tts/generate", Origin="http://localhost:1").status_code == 403


def test_named_origins_are_all_that_may_call(naming: Proxied) -> None:
    for origin in (NAMED, "null"):
        answer = call(naming.speech, Origin=origin)
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert call(naming.console, "/tts/generate", Origin=origin).status_code == 200
    for origin in (NEAR, STRANGER, NAMED + ".evil.example", "http://slides.example"):
        assert call(naming.speech, Origin=origin).status_code == 403
    assert call(naming.console, "/tts/generate", Origin=naming.console).status_code == 200


def test_preflights_are_answered_here(upstream: Scripted, before: Proxied) -> None:
    asks = {**ASKS, "Origin": NEAR, "Access-Control-Request-Private-Network": "true"}
    answer = web.options(f"{before.speech}/generate", headers=asks, trust_env=False)
    assert answer.status_code == 204
    told = answer.headers
    assert told["Access-Control-Allow-Origin"] == NEAR
    assert "POST" in told["Access-Control-Allow-Methods"]
    allowed = told["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("content-type", "x-request-id", "x-deadline-seconds"))
    assert int(told["Access-Control-Max-Age"]) >= 600
    assert told["Access-Control-Allow-Private-Network"] == "true"
    refused = web.options(
        f"{before.speech}/generate", headers={**asks, "Origin": STRANGER}, trust_env=False
    )
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert upstream.asked == []


def test_pages_read_refusals_too(upstream: Scripted, before: Proxied) -> None:
    upstream.on["/generate"] = [lambda line: line.tell(400, {"error": "text: is empty."})]
    assert call(before.speech, Origin=NEAR).headers["Access-Control-Allow-Origin"] == NEAR
    answer = call(before.speech, "/internal/x", Origin=NEAR)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, NEAR)


def test_badges_are_for_every_page_and_say_the_state_alone(before: Proxied) -> None:
    for path in ("/badge.svg", "/badge.js"):
        given = {"Origin": STRANGER, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        answer = web.get(before.console + path, headers=given, trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert SECRET not in answer.text
        assert "127.0.0.1" not in answer.text
