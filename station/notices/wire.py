"""Connections to gateways: only to addresses that are allowed, and never for longer than a deadline.

The address is looked up once, judged, and connected to as it was judged: a name that answers differently the second
time leads nowhere else.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from station.core.i18n import gettext as _

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressRule = Callable[[IpAddress], bool]

# Ours: with the look-up of a name before it (5 s a try, resolv.conf(5)) a slow gateway stays under the 30 s that a
# channel has.
STEP_S = 8.0
WHOLE_S = 20.0


class ForbiddenAddressError(Exception):
    """A gateway's name leads to an address that is not allowed."""


def forbidden() -> str:
    """Say that a gateway's address is not allowed."""
    return _(
        "This address is not allowed: outside only with TLS, inside the house only when whoever runs the installation"
        " allows it."
    )


def anywhere(address: IpAddress) -> bool:
    """Allow every address: for installations whose gateway stands in the same house."""
    return True


def public_only(address: IpAddress) -> bool:
    """Allow the addresses of the public internet: a gateway's settings must not become a way into the house."""
    inner = _inner(address)
    return address.is_global and not address.is_multicast and (inner is None or public_only(inner))


def unencrypted(rule: AddressRule) -> AddressRule:
    """Return `rule` for connections without TLS: they stay inside the house."""
    return lambda address: rule(address) and not public_only(address)


def _inner(address: IpAddress) -> IpAddress | None:
    """Return the IPv4 address that an IPv6 address stands for: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection, and whether it was cut: the end of an answer may then be missing."""

    socket: socket.socket
    cut: threading.Event


@contextmanager
def line(host: str, port: int, rule: AddressRule) -> Iterator[Line]:
    """Open a TCP connection that is cut after WHOLE_S, whatever the other side does.

    Raises OSError when nobody answers, ForbiddenAddressError when `rule` forbids all addresses of `host`.
    """
    opened = _connect(host, port, rule)
    handle = opened.dup()  # TLS takes the socket over; a second handle still ends the connection under it
    cut = threading.Event()
    guard = threading.Timer(WHOLE_S, _cut, (handle, cut))
    guard.daemon = True
    guard.start()
    try:
        yield Line(opened, cut)
    finally:
        guard.cancel()
        handle.close()
        opened.close()


def secured(opened: socket.socket, host: str) -> ssl.SSLSocket:
    """Put TLS on a connection; `host` has to prove its name."""
    return ssl.create_default_context().wrap_socket(opened, server_hostname=host)


def _cut(handle: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError):  # it ended by itself
        handle.shutdown(socket.SHUT_RDWR)


def _connect(host: str, port: int, rule: AddressRule) -> socket.socket:
    """Try each allowed address of `host` once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [entry for entry in found if rule(ipaddress.ip_address(entry[4][0]))]
    if not allowed:
        raise ForbiddenAddressError
    failure = OSError("no address")
    for family, kind, protocol, _name, address in allowed[:2]:  # each may take STEP_S
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(STEP_S)
        try:
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
            continue
        return opened
    raise failure
