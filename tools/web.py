"""Polite, guarded HTTP: the only way in which Magpie fetches a URL that somebody wrote in a post.

The host is resolved once, every address is checked, and the connection goes to a checked address under the right
name; each redirect is checked anew. No proxy is used, because a proxy would resolve the name again.
"""

from __future__ import annotations

import json
import re
import ssl
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol
from urllib.parse import urljoin

import httpcore

from config.errors import SourceError
from tools.addresses import PinnedBackend, Place, Resolve, checked, look_up, place
from tools.charsets import named
from tools.manners import AwayError, Manners, Robots

__all__ = ["Api", "AwayError", "GuardedWeb", "Page", "Web"]

_BUSY = (429, 503)
_MOVED = (301, 302, 303, 307, 308)
_SECRET = frozenset({"authorization", "cookie"})
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
        said = _CHARSET.search(self.headers.get("content-type", ""))
        meta = _META.search(self.body[:2048])
        charset = said[1] if said else meta[1].decode("ascii", "replace") if meta else "utf-8"
        try:
            return self.body.decode(named(charset), errors="replace")
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


class Api(Protocol):
    """What a source can ask of places that the owner has named. Raises SourceError when no answer came."""

    def ask(self, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, Any] | None = None) -> Page:
        """Return what a place answers, following redirects; ``form`` is sent to it as JSON, and goes nowhere else."""
        ...

    def get(self, url: str) -> Page:
        """The same for a page made for people, if robots.txt lets us."""
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
    """The real web, for one thread.

    ``allow`` names hosts (``host`` or ``host:port``) that the owner trusts on a private network or an unusual port.
    ``timeout`` seconds cover a whole request after the name is resolved; ``limit`` bytes bound a decompressed body;
    ``pause`` seconds lie between two requests to a host; after ``fresh`` seconds a remembered page is asked for again,
    by its ETag where it has one. ``clock`` gives seconds since 1970.
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
    fresh: float = 600.0
    tls: ssl.SSLContext | None = None  # None: the usual certificate authorities
    _pages: OrderedDict[str, tuple[Page, float]] = field(default_factory=OrderedDict, init=False, repr=False)
    _robots: dict[str, Robots] = field(default_factory=dict, init=False, repr=False)
    _manners: Manners = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._manners = Manners(self.clock, self.sleep)

    def get(self, url: str) -> Page:
        """Return the page behind a URL, whatever its status, after at most ``redirects`` hops."""
        for _ in range(self.redirects + 1):
            self._heed_robots(url)
            page = self._hop(url)
            if (onward := _onward(page)) is None:
                return page
            url = onward
        raise SourceError(f"{place(page.url, self.allow).host} was given up after {self.redirects} redirects.")

    def ask(self, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, Any] | None = None) -> Page:
        """Ask a place that the owner has named, as a browser would: robots.txt speaks to those who stray.

        Secrets in ``headers`` are told to that place alone, wherever it redirects to; a ``form`` is not sent on.
        """
        extra, body = dict(headers or {}), None if form is None else json.dumps(form).encode()
        for _ in range(self.redirects + 1):
            page = self._hop(url, extra, body)
            if (onward := _onward(page)) is None:
                return page
            if body is not None:
                raise SourceError(f"{place(url, self.allow).host} wants a form sent elsewhere, which was not done.")
            if _origin(onward, self.allow) != _origin(url, self.allow):
                extra = {name: value for name, value in extra.items() if name.lower() not in _SECRET}
            url = onward
        raise SourceError(f"{place(page.url, self.allow).host} was given up after {self.redirects} redirects.")

    def redirect(self, url: str) -> str | None:
        """Return where a URL points to, one hop and no further; None when it is no redirect."""
        return _onward(self._hop(url))

    def _heed_robots(self, url: str) -> None:
        where = place(url, self.allow)
        origin = f"{where.scheme}://{where.netloc}"
        known = self._robots.get(origin)
        if known is None or known.old(self.clock()):
            self._robots[origin] = known = self._rules(f"{origin}/robots.txt", where.host)
        self._manners.slower(where.host, known.rules.crawl_delay(user_agent()))
        if not known.rules.can_fetch(user_agent(), where.url):
            raise SourceError(
                f"{where.host} was not asked, because its robots.txt does not want {where.target[:80]} read."
            )

    def _rules(self, url: str, host: str) -> Robots:
        page = self._hop(url)
        for _ in range(self.redirects):
            if (onward := _onward(page)) is not None:
                page = self._hop(onward)
        try:
            return Robots.read(url, page.status, page.text, self.clock())
        except ValueError as error:  # the parser stumbles over a few odd lines
            raise SourceError(f"{host} was not asked, because its robots.txt cannot be read: {error}.") from error

    def _hop(self, url: str, extra: Mapping[str, str] | None = None, body: bytes | None = None) -> Page:
        """Ask once, checked and paced; a redirect is returned and not followed. Plain pages are remembered."""
        where, own = place(url, self.allow), bool(extra) or body is not None
        known, at = (None, 0.0) if own else self._pages.get(where.url, (None, 0.0))
        if known is not None and 0 <= self.clock() - at < self.fresh:
            self._pages.move_to_end(where.url)
            return known
        self._manners.leave_alone(where.host)
        addresses = checked(where, self.allow, self.resolve)
        self._manners.pace(where.host, self.pause)
        page = self._ask(where, addresses, {**(extra or {}), **_conditions(known)}, body)
        if page.status in _BUSY:
            self._manners.busy(where.host, page.headers.get("retry-after", ""))
        elif page.status == 304 and known is not None:
            page = known
        if page.status < 500 and page.status not in _BUSY and not own:
            self._remember(where.url, page)
        return page

    def _ask(self, where: Place, addresses: tuple[str, ...], extra: Mapping[str, str], body: bytes | None) -> Page:
        backend = PinnedBackend(addresses, deadline=time.monotonic() + self.timeout)
        method, headers = ("GET" if body is None else "POST"), _headers(where, extra, body)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend) as pool,
                pool.stream(method, _wire_url(where), headers=headers, content=body) as answer,
            ):
                return _page(where, answer, self.limit)
        except _UNHEARD as error:
            raise AwayError(f"{where.host} gave no answer: {error or type(error).__name__}.") from error

    def _remember(self, url: str, page: Page) -> None:
        self._pages[url] = page, self.clock()
        self._pages.move_to_end(url)
        if len(self._pages) > self.remembered:
            self._pages.popitem(last=False)


def _wire_url(where: Place) -> httpcore.URL:
    return httpcore.URL(
        scheme=where.scheme.encode(), host=where.host.encode(), port=where.port, target=where.target.encode()
    )


def _headers(where: Place, extra: Mapping[str, str], body: bytes | None) -> list[tuple[bytes | str, bytes | str]]:
    said = {
        "Host": where.netloc,
        "User-Agent": user_agent(),
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if body is not None:
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return list((said | dict(extra)).items())


def _conditions(known: Page | None) -> dict[str, str]:
    """Ask only for what is newer than a page that is known."""
    marks = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"} if known else {}
    return {name: known.headers[mark] for name, mark in marks.items() if known and mark in known.headers}


def _origin(url: str, allow: frozenset[str]) -> tuple[str, str]:
    where = place(url, allow)
    return where.scheme, where.netloc


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
