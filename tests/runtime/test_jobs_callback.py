"""Calling somebody when a job has ended: whom, from where, and how often."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator

from tests.client.doctor.certificates import Authority
from tests.patience import until
from tests.runtime.held_voice import HeldVoice
from tests.runtime.job_servers import TEXTS, begun, ended, jobs_of, look, open_jobs, post, serving
from voicehost.errors import RequestError
from voicehost.jobs.addresses import may_be_called
from voicehost.jobs.callbacks import Callbacks
from voicehost.settings import VoiceHostSettings


class Listener:
    """Takes callbacks on this machine, and answers with the statuses it was given, then 204."""

    def __init__(self, *statuses: int, location: str = "") -> None:
        self.bodies: list[Any] = []
        self.paths: list[str] = []
        self.statuses = list(statuses)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                outer.bodies.append(json.loads(self.rfile.read(size)))
                outer.paths.append(self.path)
                self.send_response(outer.statuses.pop(0) if outer.statuses else 204)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.host = f"localhost:{self.port}"
        self.url = f"http://{self.host}/done?token=secret"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def secure(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


def tell(listener: Listener, url: str = "", **more: Any) -> bool:
    callbacks = Callbacks([listener.host], pauses=(0.01, 0.01))
    return callbacks.tell(url or listener.url, {"id": "x"}, "x")


def test_a_job_calls_when_it_has_ended(tmp_path: Path, listener: Listener) -> None:
    with serving(tmp_path, callback_hosts=(listener.host,)) as app:
        path = begun(app.test_client(), callback=listener.url)
        job = ended(app.test_client(), path)
        until(lambda: len(listener.bodies) == 1)
        until(lambda: open_jobs(tmp_path) == [])
    assert listener.bodies == [job]
    assert_as_described(app, listener.bodies[0])
    assert listener.paths == ["/done?token=secret"]
    told = json.dumps(listener.bodies)
    assert "audio" not in told
    assert not any(text in told for text in TEXTS)


def assert_as_described(app: Flask, body: Any) -> None:
    document = app.test_client().get("/openapi.json").get_json()
    (ended,) = document["paths"]["/generate_batch"]["post"]["callbacks"]["ended"].values()
    shape = ended["post"]["requestBody"]["content"]["application/json"]["schema"]
    OAS31Validator({**shape, "components": document["components"]}).validate(body)


def test_a_job_that_has_ended_calls_whoever_asks_then(tmp_path: Path, listener: Listener) -> None:
    voice = HeldVoice()
    with serving(tmp_path, voice, callback_hosts=(listener.host,)) as app:
        client = app.test_client()
        path = begun(client)
        ended(client, path)
        for count in (1, 2):
            assert begun(client, callback=listener.url) == path
            until(lambda n=count: len(listener.bodies) == n)  # type: ignore[misc]
            until(lambda: open_jobs(tmp_path) == [])
    assert len(voice.said) == len(TEXTS)


def test_a_callback_that_was_asked_for_through_the_other_slot_is_made(
    tmp_path: Path, listener: Listener
) -> None:
    voice = HeldVoice(held=True)
    hosts = (listener.host,)
    with (
        serving(tmp_path, voice, slot="blue", callback_hosts=hosts) as blue,
        serving(tmp_path, slot="green", callback_hosts=hosts) as green,
    ):
        path = begun(blue.test_client())
        assert begun(green.test_client(), callback=listener.url) == path
        voice.allow()
        ended(blue.test_client(), path)
        until(lambda: len(listener.bodies) == 1)


def test_a_cancelled_job_calls_too_and_a_deleted_one_does_not(
    tmp_path: Path, listener: Listener
) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, callback_hosts=(listener.host,)) as app:
        client = app.test_client()
        deleted = begun(client, TEXTS[:1], callback=listener.url)
        cancelled = begun(client, TEXTS[1:], callback=listener.url)
        client.delete(deleted)
        client.post(f"{cancelled}/cancel")
        until(lambda: len(listener.bodies) == 1)
    assert [body["status"] for body in listener.bodies] == ["cancelled"]


def test_whom_to_call_makes_no_other_job_and_can_be_changed(
    tmp_path: Path, listener: Listener
) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, callback_hosts=(listener.host,)) as app:
        client = app.test_client()
        path = begun(client)
        assert begun(client, callback=listener.url) == path
        voice.allow()
        until(lambda: len(listener.bodies) == 1)


def test_a_callback_outlives_a_restart(tmp_path: Path) -> None:
    with Listener(503, 503, 503) as listener:
        with serving(tmp_path, callback_hosts=(listener.host,)) as app:
            path = begun(app.test_client(), callback=listener.url)
            ended(app.test_client(), path)
            until(lambda: len(listener.bodies) == 1)
        until(lambda: all(thread.name != "callback" for thread in threading.enumerate()), 4)
        listener.statuses = []
        with serving(tmp_path, callback_hosts=(listener.host,)) as app:
            until(lambda: len(listener.bodies) == 2)
            until(lambda: open_jobs(tmp_path) == [])
        with serving(tmp_path, callback_hosts=(listener.host,)) as app:
            jobs_of(app).keeper.look()
            assert look(app.test_client(), path)["status"] == "done"
    assert [body["status"] for body in listener.bodies] == ["done", "done"]


def test_a_host_that_fails_is_called_three_times_and_no_more() -> None:
    with Listener(500, 404, 302, 204) as listener:
        assert tell(listener) is True
        assert len(listener.bodies) == 3


def test_a_host_that_recovers_is_called_until_it_does() -> None:
    with Listener(500) as listener:
        tell(listener)
        assert len(listener.bodies) == 2


def test_a_redirect_is_not_followed(listener: Listener) -> None:
    with Listener(307, 307, 307, location=listener.url) as first:
        tell(first)
        assert len(first.bodies) == 3
    assert listener.bodies == []


def test_proxies_of_the_environment_are_not_used(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Listener() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        monkeypatch.delenv("no_proxy", raising=False)
        tell(listener)
        assert proxy.bodies == []
    assert len(listener.bodies) == 1


def test_the_log_has_neither_path_nor_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), Listener(500, 500, 500) as listener:
        tell(listener)
    assert [record.getMessage() for record in caplog.records] == ["callback refused"] * 3 + [
        "callback given up"
    ]
    said = str([vars(record) for record in caplog.records])
    assert "secret" not in said
    assert "/done" not in said


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c",
        "https://HOOKS.example.com./",
        "https://hooks.example.com:443/",
        "https://ports.example.com:8443/",
        "https://b\u00fccher.example/",
        "https://xn--bcher-kva.example/",
        "http://localhost/",
    ],
)
def test_hosts_that_are_named_may_be_called(url: str) -> None:
    hosts = ["hooks.example.com", "ports.example.com:8443", "B\u00dcCHER.example", "localhost"]
    called = Callbacks(hosts).check(url)
    assert Callbacks(hosts).check(called) == called
    assert called.isascii()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "https://hooks.example.com.evil.com/",
        "https://evil.hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://ports.example.com/",
        "https://ports.example.com:443/",
        "http://hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com@evil.com/",
        "https://evil.com#@hooks.example.com/",
        "https://evil.com\\@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/\n",
        "https://hooks.example.com/ x",
        "ftp://hooks.example.com/",
        "//hooks.example.com/",
        "hooks.example.com",
        "",
        "https://",
        "https://hooks.example.com:99999/",
        "https://[::1",
        "https://hooks.example.com/" + "a" * 2000,
    ],
)
def test_whoever_is_not_named_is_not_called(url: str) -> None:
    with pytest.raises(RequestError, match="callback: "):
        Callbacks(["hooks.example.com", "ports.example.com:8443"]).check(url)


def test_a_callback_that_is_refused_becomes_no_job(tmp_path: Path) -> None:
    with serving(tmp_path, callback_hosts=("hooks.example.com",)) as app:
        response = post(app.test_client(), callback="https://example.com/")
        assert response.status_code == 400
        assert "VOICE_CALLBACK_HOSTS" in response.get_json()["error"]
        assert look(app.test_client(), "/jobs")["jobs"] == []


@pytest.mark.parametrize("host", ["https://example.com", "example.com/path", "a@b", ":80", "a:b"])
def test_a_host_that_is_none_stops_the_start(host: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        VoiceHostSettings(callback_hosts=(host,))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "0.0.0.0", "::",
    ],
)  # fmt: skip
def test_an_address_that_is_this_machines_alone_is_never_called(address: str) -> None:
    assert not may_be_called(address)
    assert not may_be_called(address, only_loopback=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_plain_http_reaches_this_machine_and_no_other(address: str) -> None:
    assert may_be_called(address, only_loopback=True)
    assert not may_be_called("10.0.0.1", only_loopback=True)
    assert may_be_called("10.0.0.1")
    assert may_be_called("2001:db8::1")


@pytest.mark.parametrize(
    ("scheme", "address"),
    [("http", "169.254.169.254"), ("http", "10.0.0.1"), ("https", "169.254.169.254")],
)
def test_a_name_that_leads_elsewhere_by_now_gets_not_a_byte(
    scheme: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name passes the check; what it leads to is known only when the connection is there."""
    true_connect, asked = socket.socket.getpeername, []

    def elsewhere(sock: socket.socket) -> Any:
        asked.append(true_connect(sock))
        return (address, 80)

    monkeypatch.setattr(socket.socket, "getpeername", elsewhere)
    with Listener() as listener:
        callbacks = Callbacks([listener.host], pauses=())
        callbacks.tell(f"{scheme}://{listener.host}/", {}, "x")
        assert len(asked) == 1
        assert listener.bodies == []


def test_a_host_is_called_over_tls_when_its_certificate_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    with Listener() as listener:
        listener.secure(authority.issue("localhost", begins=-1, ends=1))
        url = listener.url.replace("http:", "https:")
        tell(listener, url)
        assert listener.bodies == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        tell(listener, url)
        assert len(listener.bodies) == 1
