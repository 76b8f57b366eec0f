"""Which places on the network Magpie may ask, and how a connection is pinned to an address that was checked.

A URL out of a post is hostile until proven harmless: it may name the owner's router, a cloud's metadata service, or a
host whose name changes its address between the check and the connection.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore
import idna

from config.errors import SourceError

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → the addresses of the host, as text."""

PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IN_USE = IPv6Network("2000::/3")  # the part of IPv6 that is handed out to the public
_NAT64 = IPv6Network("64:ff9b::/96")  # what an IPv6-only network shows of an IPv4 host
_PROTOCOLS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))  # some clouds keep their secrets in the first
_URL_SAFE = "%/:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart, harmless in form: ``host`` is ASCII, ``target`` the percent-encoded path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """The host as a Host header says it: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL that is really asked."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    def allowed(self, allow: frozenset[str]) -> bool:
        """Whether the owner has named this ``host`` (any port) or ``host:port``."""
        return self.host in allow or f"{self.host}:{self.port}" in allow


def ascii_host(host: str) -> str:
    """Return a host name in lower case and ASCII (IDNA), or an IP address in its one plain spelling.

    Raises ValueError for what is neither, and for numbers that only a lenient parser takes for an address (0x7f.1).
    """
    host = host.lower().removesuffix(".")
    if ":" in host:
        return str(IPv6Address(host)) if "%" not in host else _no("a zone index", host)
    if not host.isascii():
        host = _idna(host).lower().removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return str(IPv4Address(host))
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return _no("no host name", host)
    return host


def _idna(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host.encode("idna").decode("ascii")  # the older rules know ☃.net, which exists


def _no(what: str, host: str) -> str:
    raise ValueError(f"{what} in {host[:80]!r}")


def place(url: str, allow: frozenset[str] = frozenset()) -> Place:
    """Take a URL apart. Raises SourceError for whatever Magpie does not ask, whoever answers there."""
    try:
        parts = urlsplit(url.strip())
        scheme, port = parts.scheme.lower(), parts.port
        if scheme not in PORTS:
            raise ValueError("only http and https are fetched")
        if "@" in parts.netloc:
            raise ValueError("a user name stands before the host")
        host = ascii_host(parts.hostname or "")
    except ValueError as error:
        raise SourceError(f"The link {url[:120]!r} was not fetched: {error}.") from error
    query = f"?{quote(parts.query, safe=_URL_SAFE)}" if parts.query else ""
    target = (quote(parts.path, safe=_URL_SAFE.replace("?", "")) or "/") + query
    found = Place(scheme, host, PORTS[scheme] if port is None else port, target)
    if found.port not in PORTS.values() and not found.allowed(allow):
        raise SourceError(f"{found.netloc} was not asked, because port {found.port} is not one of the web's.")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet and not, openly or in disguise, to a private network."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return is_public(str(IPv4Address(int(ip) & 0xFFFF_FFFF)))
        disguised = ip.ipv4_mapped or ip.sixtofour or ip.teredo
        return ip in _IN_USE and ip.is_global and not disguised
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or any(ip in network for network in _PROTOCOLS)
    return ip.is_global and not special


def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host, in the order in which they should be tried."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(where: Place, allow: frozenset[str], resolve: Resolve) -> tuple[str, ...]:
    """Resolve a place once and return its addresses. Raises SourceError when a single one of them is not public."""
    try:
        addresses = tuple(resolve(where.host, where.port))
    except (OSError, ValueError) as error:
        raise SourceError(f"{where.host} was not found: {error}.") from error
    if not addresses:
        raise SourceError(f"{where.host} was not found: it has no address.")
    private = [] if where.allowed(allow) else [a for a in addresses if not is_public(a)]
    if private:
        raise SourceError(
            f"{where.host} was not asked, because its address {private[0]} is not public; "
            "name the host among the allowed ones if it is yours."
        )
    return addresses


@dataclass
class PinnedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses and nowhere else; nothing lasts beyond ``deadline`` (time.monotonic)."""

    addresses: Sequence[str]
    deadline: float

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the addresses in turn, sharing the time that is left; ``host`` is only a name here."""
        last: Exception = httpcore.ConnectError("no address")
        for tried, address in enumerate(self.addresses):
            share = _left(self.deadline) / (len(self.addresses) - tried)
            try:
                return _TimedStream(httpcore.SyncBackend().connect_tcp(address, port, share), self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


@dataclass
class _TimedStream(httpcore.NetworkStream):
    """A stream with one deadline for all, so that a server that drips cannot hold Magpie up."""

    stream: httpcore.NetworkStream
    deadline: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.deadline))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self.stream.start_tls(ssl_context, server_hostname, _left(self.deadline))
        return _TimedStream(secure, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("out of time")
    return seconds
