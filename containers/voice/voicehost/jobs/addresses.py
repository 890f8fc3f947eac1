"""Connections that do not lead to what only this machine may ask."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

# Where AWS keeps what is for this machine alone: credentials, above all.
OWN_METADATA = ipaddress.ip_network("fd00:ec2::/32")
BEHIND_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class WrongAddress(urllib3.exceptions.HTTPError):
    """The name led to an address that is not called."""


def may_be_called(given: str, *, only_loopback: bool = False) -> bool:
    """Whether an IP address may be, whatever name it was found by."""
    address = _meant(ipaddress.ip_address(given.split("%")[0]))
    if only_loopback:
        return address.is_loopback
    return not (
        address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address in OWN_METADATA
    )


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in BEHIND_NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
    return address


def _checked(sock: socket.socket, *, only_loopback: bool) -> socket.socket:
    # The name may lead elsewhere each time it is looked up: only this address is the true one.
    if not may_be_called(sock.getpeername()[0], only_loopback=only_loopback):
        sock.close()
        raise WrongAddress("the name leads to an address that is not called")
    return sock


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), only_loopback=True)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), only_loopback=False)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


def pool(**options: Any) -> urllib3.PoolManager:
    """Connections to addresses that may be called: in plain HTTP, to this machine alone. Proxies
    of the environment are not used."""
    manager = urllib3.PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager
