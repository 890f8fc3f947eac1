"""From here to the hosts: name, connection, certificate."""

from __future__ import annotations

import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import httpx

from gpuvoice.addresses import is_loopback
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn
from gpuvoice.doctor.settings import on_this_machine

CONNECT_SECONDS = 10.0
WARN_DAYS = 21
DAY = 86_400.0
NAME_ADVICE = (
    "Is it written right? It is the output Url of the service stack; a new name takes minutes "
    "to be known. Without a network nothing is."
)
CONNECT_ADVICE = {
    True: "Start it (`make run`, `gpuvoice proxy`), or name another: `gpuvoice config init`.",
    False: "Is there a firewall or VPN between? A load balancer with front_door.internal answers "
    "inside its network alone.",
}
# OpenSSL's X509_V_ERR_*: its verify(1) lists them.
EXPIRED, NOT_YET = 10, 9
WRONG_NAME, WRONG_ADDRESS = 62, 64


@dataclass(frozen=True)
class Host:
    name: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


def hosts_of(urls: Iterable[str]) -> list[Host]:
    """Each host once, in the order of the URLs."""
    found = []
    for text in urls:
        url = httpx.URL(text)
        tls = url.scheme == "https"
        found.append(Host(url.host, url.port or (443 if tls else 80), tls))
    return list(dict.fromkeys(found))


def check_connections(
    urls: Iterable[str], now: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """Each name and each host once."""
    names: dict[str, Finding] = {}
    for host in hosts_of(urls):
        if _through_proxy(host):
            yield skipped("connection", f"{host}: calls go through the proxy of your environment")
            continue
        if host.name not in names:
            names[host.name] = _look_up(host)
            yield names[host.name]
        if names[host.name].status != "fail":
            yield _connect(host, now)


def _look_up(host: Host) -> Finding:
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return fail("DNS", f"{host.name} has no address ({_why(error)})", NAME_ADVICE)
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return ok("DNS", f"{host.name} is {', '.join(addresses)}")


def _connect(host: Host, now: Callable[[], float]) -> Finding:
    what = "certificate" if host.tls else "connection"
    try:
        with socket.create_connection((host.name, host.port), CONNECT_SECONDS) as plain:
            if not host.tls:
                return ok(what, f"{host} takes connections, not encrypted")
            with httpx.create_ssl_context().wrap_socket(plain, server_hostname=host.name) as secure:
                return _judge(host, secure, now())
    except ssl.SSLCertVerificationError as error:
        return _untrusted(host, error)
    except ssl.SSLError as error:
        found = f"{host} does not speak TLS ({error.reason or 'no handshake'})"
        return fail(what, found, "Is it an http:// address, or another port?")
    except OSError as error:
        return fail(
            what,
            f"{host} takes no connection ({_why(error)})",
            CONNECT_ADVICE[on_this_machine(host.name)],
        )


def _judge(host: Host, secure: ssl.SSLSocket, now: float) -> Finding:
    ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    days = (ends - now) / DAY
    found = f"of {host.name}: valid for {days:.0f} more days ({secure.version()})"
    if days < WARN_DAYS:
        return warn(
            "certificate",
            found,
            "ACM renews its own while their DNS record is there: look at the certificate in ACM. "
            "An imported one has to be imported again.",
        )
    return ok("certificate", found)


def _untrusted(host: Host, error: ssl.SSLCertVerificationError) -> Finding:
    if error.verify_code == EXPIRED:
        return fail(
            "certificate",
            f"of {host.name}: it has expired",
            "Renew it: in ACM its DNS record must be there; an imported one has to be imported "
            "again. Or this machine's clock is wrong.",
        )
    if error.verify_code == NOT_YET:
        return fail("certificate", f"of {host.name}: it is not valid yet", "Set this clock right.")
    if error.verify_code in (WRONG_NAME, WRONG_ADDRESS):
        return fail(
            "certificate",
            f"it is not one for the name {host.name}",
            "Use the name that it is for: the output Url of the service stack, not the load "
            "balancer's own name.",
        )
    return fail(
        "certificate",
        f"of {host.name}: this machine does not trust it ({error.verify_message})",
        "Behind a company's proxy, name its authority: SSL_CERT_FILE=/path/to/authorities.pem",
    )


def _through_proxy(host: Host) -> bool:
    if is_loopback(host.name):
        return False
    proxies = urllib.request.getproxies()
    wanted = proxies.get("https" if host.tls else "http") or proxies.get("all")
    return bool(wanted) and not urllib.request.proxy_bypass(host.name)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came within {CONNECT_SECONDS:.0f} s"
    return str(getattr(error, "strerror", None) or error)
