"""The way to the servers: the network's own proxy, and what is told of it."""

from __future__ import annotations

import socket
import sys

import pytest

from gpuvoice.errors import ConfigError
from gpuvoice.proxy.addresses import listen
from gpuvoice.proxy.announce import sentences
from gpuvoice.proxy.headers import decodable
from gpuvoice.proxy.upstream import Upstream
from gpuvoice.secret import Secret
from tests import web
from tests.client.proxy.running import proxy_before
from tests.client.proxy.scripted import Line, Scripted, ready

FAR = "http://gpu.example.com"


def done(line: Line) -> None:
    line.tell(200, {"success": True})


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY", "http_proxy"])
def test_the_networks_proxy_leads_to_a_server_elsewhere(
    upstream: Scripted, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    upstream.on[f"{FAR}/ready"], upstream.on[f"{FAR}/generate"] = [ready], [done]
    monkeypatch.setenv(variable, upstream.url.removeprefix("http://"))
    with proxy_before(FAR) as proxied:
        answer = web.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.json() == {"success": True}


@pytest.mark.parametrize(("url", "without"), [
    (FAR, "example.com"), (f"{FAR}:8080", "gpu.example.com:8080"), (FAR, "*"),
    ("http://localhost:1", ""), ("http://[::1]:1", ""),
])  # fmt: skip
def test_no_proxy_leads_where_none_is_wanted(
    monkeypatch: pytest.MonkeyPatch, url: str, without: str
) -> None:
    # One that cannot be used would be told.
    monkeypatch.setenv("ALL_PROXY", "carrier-pigeon://coop")
    monkeypatch.setenv("NO_PROXY", without)
    Upstream("speech", url, Secret())


def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "carrier-pigeon://coop")
    with pytest.raises(ConfigError, match="NO_PROXY"):
        Upstream("speech", FAR, Secret())


@pytest.mark.parametrize(("url", "key", "warned"), [
    (FAR, "gv_x-s", True), (FAR, "", False), ("https://gpu.example.com", "gv_x-s", False),
    ("http://127.0.0.1:9", "gv_x-s", False),
])  # fmt: skip
def test_a_key_that_anybody_on_the_way_can_read_is_warned_of(
    url: str, key: str, warned: bool
) -> None:
    with proxy_before(url, key=key) as proxied:
        told = [line for line in sentences(proxied.proxy) if "without encryption" in line]
    assert bool(told) is warned
    assert "gv_x-s" not in "".join(told)


@pytest.mark.parametrize(("taken", "asked"), [
    (None, b"identity"), (b"br, zstd", b"identity"), (b"br;q=1.0, gzip;q=0.5", b"gzip"),
    (b"GZIP, deflate, br", b"gzip, deflate"), (b"gzip;q=0, deflate", b"deflate"),
    (b"gzip; q=0.0", b"identity"),
])  # fmt: skip
def test_no_encoding_is_asked_for_that_could_not_be_undone(
    taken: bytes | None, asked: bytes
) -> None:
    given = [(b"x", b"1")] + ([(b"accept-encoding", taken)] if taken else [])
    assert decodable(given) == [(b"x", b"1"), (b"accept-encoding", asked)]


def test_on_windows_a_port_belongs_to_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    # Linux has no such option: another one stands in for it here.
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    (made,) = listen("127.0.0.1", 0, "TTS_PORT")
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
