"""Polite, guarded HTTP: the only way in which Magpie fetches a URL that somebody wrote in a post.

The host is resolved once, every address is checked, and the connection goes to a checked address under the right
name; each redirect is checked anew. No proxy is used, because a proxy would resolve the name again.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import httpcore

from config.errors import SourceError
from tools.addresses import PinnedBackend, Place, Resolve, checked, look_up, place

__all__ = ["GuardedWeb", "Page", "Web"]

log = logging.getLogger(__name__)

_BUSY = (429, 503)
_MOVED = (301, 302, 303, 307, 308)
_UNHEARD = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """One answer of a server, whatever its status. ``headers`` have lower-case names; ``body`` is decompressed."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    content_type: str = ""  # lower case, without parameters

    @property
    def text(self) -> str:
        """The body as text, in the charset that the header or the page names; what cannot be read becomes �."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        meta = _META.search(self.body[:2048])
        charset = named[1] if named else meta[1].decode("ascii", "replace") if meta else "utf-8"
        try:
            return self.body.decode(charset, errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")


class Web(Protocol):
    """What Magpie can ask of the web. Both raise SourceError when nothing was asked or no answer came."""

    def get(self, url: str) -> Page:
        """Return the page behind a URL, following redirects, if robots.txt lets us."""
        ...

    def redirect(self, url: str) -> str | None:
        """Return where a URL points to, one hop and no further; None when it is no redirect."""
        ...


@cache
def user_agent() -> str:
    """Who Magpie says it is, everywhere."""
    try:
        return f"Magpie/{version('magpie-agent')} (+personal reading agent)"
    except PackageNotFoundError:
        return "Magpie/dev (+personal reading agent)"


@dataclass
class GuardedWeb:
    """The real web, for one thread and one run.

    ``allow`` names hosts (``host`` or ``host:port``) that the owner trusts on a private network or an unusual port.
    ``timeout`` seconds cover a whole request after the name is resolved; ``limit`` bytes bound a decompressed body;
    ``pause`` seconds lie between two requests to a host. ``clock`` gives seconds since 1970.
    """

    allow: frozenset[str] = frozenset()
    resolve: Resolve = look_up
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    timeout: float = 10.0
    limit: int = 2_000_000
    pause: float = 1.0
    redirects: int = 3
    remembered: int = 32  # pages
    tls: ssl.SSLContext | None = None  # None: the usual certificate authorities
    _pages: OrderedDict[str, Page] = field(default_factory=OrderedDict, init=False, repr=False)
    _robots: dict[str, RobotFileParser] = field(default_factory=dict, init=False, repr=False)
    _asked: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    _shut: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def get(self, url: str) -> Page:
        """Return the page behind a URL, whatever its status, after at most ``redirects`` hops."""
        for _ in range(self.redirects + 1):
            self._heed_robots(url)
            page = self._hop(url)
            if (onward := _onward(page)) is None:
                return page
            url = onward
        raise SourceError(f"{place(page.url, self.allow).host} was given up after {self.redirects} redirects.")

    def redirect(self, url: str) -> str | None:
        """Return where a URL points to, one hop and no further; None when it is no redirect."""
        return _onward(self._hop(url))

    def _heed_robots(self, url: str) -> None:
        where = place(url, self.allow)
        origin = f"{where.scheme}://{where.netloc}"
        if origin not in self._robots:
            self._robots[origin] = self._rules(f"{origin}/robots.txt")
        if not self._robots[origin].can_fetch(user_agent(), where.url):
            raise SourceError(
                f"{where.host} was not asked, because its robots.txt does not want {where.target[:80]} read."
            )

    def _rules(self, url: str) -> RobotFileParser:
        """Read robots.txt as RFC 9309 has it: none opens everything, a broken one closes it for now."""
        page = self._hop(url)
        for _ in range(self.redirects):
            if (onward := _onward(page)) is not None:
                page = self._hop(onward)
        rules = RobotFileParser(url)
        try:
            if page.status in _BUSY or page.status >= 500:
                raise ValueError(f"status {page.status}")
            rules.parse(page.text.splitlines() if page.status == 200 else [])
        except ValueError as error:  # the parser stumbles over a few odd lines
            host = place(url, self.allow).host
            raise SourceError(f"{host} was not asked, because its robots.txt cannot be read: {error}.") from error
        return rules

    def _hop(self, url: str) -> Page:
        """Ask once, checked, paced and remembered; a redirect is returned and not followed."""
        where = place(url, self.allow)
        if (known := self._pages.get(where.url)) is not None:
            self._pages.move_to_end(where.url)
            return known
        self._leave_alone(where.host)
        addresses = checked(where, self.allow, self.resolve)
        self._pace(where.host)
        page = self._ask(where, addresses)
        if page.status in _BUSY:
            self._shut[where.host] = self.clock() + _retry_after(page.headers.get("retry-after", ""), self.clock())
        elif page.status < 500:
            self._remember(where.url, page)
        return page

    def _leave_alone(self, host: str) -> None:
        until = self._shut.get(host, 0.0)
        if self.clock() < until:
            when = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M UTC")
            raise SourceError(f"{host} was not asked, because it wants to be left alone until {when}.")

    def _pace(self, host: str) -> None:
        # min: a clock that was set back must not make Magpie wait for hours
        wait = min(self.pause, self._asked.get(host, 0.0) + self.pause - self.clock())
        if wait > 0:
            self.sleep(wait)
        self._asked[host] = self.clock()

    def _ask(self, where: Place, addresses: tuple[str, ...]) -> Page:
        backend = PinnedBackend(addresses, deadline=time.monotonic() + self.timeout)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend) as pool,
                pool.stream("GET", _wire_url(where), headers=_headers(where)) as answer,
            ):
                return _page(where, answer, self.limit)
        except _UNHEARD as error:
            raise SourceError(f"{where.host} gave no answer: {error or type(error).__name__}.") from error

    def _remember(self, url: str, page: Page) -> None:
        self._pages[url] = page
        if len(self._pages) > self.remembered:
            self._pages.popitem(last=False)


def _wire_url(where: Place) -> httpcore.URL:
    return httpcore.URL(
        scheme=where.scheme.encode(), host=where.host.encode(), port=where.port, target=where.target.encode()
    )


def _headers(where: Place) -> list[tuple[bytes | str, bytes | str]]:
    return [
        ("Host", where.netloc),
        ("User-Agent", user_agent()),
        ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]


def _page(where: Place, answer: httpcore.Response, limit: int) -> Page:
    headers: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("latin-1").lower(), _read(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers and name != "location" else value
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    moved = answer.status in _MOVED  # what a redirect has to say besides its Location is not worth waiting for
    body = b"" if moved else _unpacked(where, answer.iter_stream(), headers.get("content-encoding", ""), limit)
    return Page(where.url, answer.status, headers, body, content_type)


def _read(value: bytes) -> str:
    try:
        return value.decode("utf-8")  # a Location in raw UTF-8 is against the rules, and common
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _unpacked(where: Place, chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Join and decompress a body, giving up at the first byte past ``limit``, so that a zip bomb does not go off."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise SourceError(f"{where.host} sent something compressed as {encoding[:20]!r}, which was not asked for.")
    unzip = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body = bytearray()
    try:
        for chunk in chunks:
            body += unzip.decompress(chunk, limit + 1 - len(body)) if unzip else chunk
            if len(body) > limit:
                raise SourceError(f"{where.host} sent more than {limit} bytes for one page, which was given up.")
    except zlib.error as error:
        raise SourceError(f"{where.host} sent something compressed that cannot be read: {error}.") from error
    return bytes(body)


def _onward(page: Page) -> str | None:
    location = page.headers.get("location", "").strip()
    if page.status not in _MOVED or not location:
        return None
    try:
        return urljoin(page.url, location)
    except ValueError as error:
        raise SourceError(f"The redirect to {location[:120]!r} cannot be read: {error}.") from error


def _retry_after(value: str, now: float) -> float:
    """Seconds to leave a host alone: Retry-After as a number or a date; a minute when it says neither."""
    if value.isascii() and value.isdigit():
        return min(float(value), 86_400.0)
    try:
        return min(max(parsedate_to_datetime(value).timestamp() - now, 0.0), 86_400.0)
    except (ValueError, OverflowError):
        return 60.0
