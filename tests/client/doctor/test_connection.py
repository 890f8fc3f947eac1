"""Names, connections, certificates: with a TLS server and an authority of our own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gpuvoice.doctor.connection import check_connections, hosts_of
from gpuvoice.doctor.finding import Finding
from tests.client.doctor.certificates import Authority, listening
from tests.client.doctor.findings import by_check
from tests.servers import free_ports

DAY = 86_400


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def certificate_of(port: int, ahead_days: float = 0) -> Finding:
    found = check_connections(
        [f"https://localhost:{port}/tts"], lambda: time.time() + ahead_days * DAY
    )
    return by_check(found)["certificate"]


def test_a_certificate_that_lasts_is_fine(authority: Authority) -> None:
    with listening(authority.issue("localhost", begins=-1, ends=60.5)) as port:
        found = certificate_of(port)
    assert found.status == "ok"
    assert found.found == "of localhost: valid for 60 more days (TLSv1.3)"


@pytest.mark.parametrize(("days", "status"), [(20.9, "warn"), (21.1, "ok"), (0.1, "warn")])
def test_less_than_21_days_are_a_warning(authority: Authority, days: float, status: str) -> None:
    with listening(authority.issue("localhost", begins=-1, ends=days)) as port:
        found = certificate_of(port)
    assert found.status == status
    assert bool(found.mend) == (status == "warn")


@pytest.mark.parametrize(
    ("name", "begins", "ends", "found"),
    [
        ("localhost", -30, -1, "it has expired"),
        ("localhost", 1, 30, "not valid yet"),
        ("elsewhere.example.com", -1, 30, "not one for the name localhost"),
    ],
)
def test_a_certificate_that_browsers_refuse_fails(
    authority: Authority, name: str, begins: float, ends: float, found: str
) -> None:
    with listening(authority.issue(name, begins=begins, ends=ends)) as port:
        finding = certificate_of(port)
    assert finding.status == "fail"
    assert found in finding.found
    assert finding.mend


def test_an_authority_that_nobody_knows_fails(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "other").file))
    with listening(authority.issue("localhost", begins=-1, ends=60)) as port:
        finding = certificate_of(port)
    assert finding.status == "fail"
    assert "does not trust" in finding.found
    assert "SSL_CERT_FILE" in finding.mend


def test_a_server_without_tls_is_told_from_one_with_a_bad_certificate(
    authority: Authority,
) -> None:
    with listening(None) as port:
        finding = certificate_of(port)
    assert (finding.status, "does not speak TLS" in finding.found) == ("fail", True)


def test_a_port_where_nobody_listens_and_a_name_without_address_fail() -> None:
    (port,) = free_ports(1)
    found = list(check_connections([f"http://127.0.0.1:{port}", "https://no-such-host.invalid"]))
    assert [(each.check, each.status) for each in found] == [
        ("DNS", "ok"), ("connection", "fail"), ("DNS", "fail"),
    ]  # fmt: skip
    assert "Connection refused" in found[1].found
    assert "no-such-host.invalid has no address" in found[2].found


def test_each_name_and_each_host_is_looked_at_once() -> None:
    urls = ["https://a.example.com/tts", "https://a.example.com/whisperx", "http://b.example.com"]
    assert [(h.name, h.port, h.tls) for h in hosts_of(urls)] == [
        ("a.example.com", 443, True), ("b.example.com", 80, False),
    ]  # fmt: skip


def test_behind_a_proxy_of_the_environment_the_way_is_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    (found,) = check_connections(["https://gpu.example.com/tts"])
    assert found.status == "skipped"
