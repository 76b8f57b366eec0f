"""One spelling for each link, so that two people who share the same page are seen to share the same page.

Pure: nothing is fetched. The result is a key to compare by, not a link to show; the stored item keeps what was written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from tools.addresses import PORTS, ascii_host
from tools.link_tables import (
    AMP_CACHE,
    ASKED_BY_VALUE,
    PLACES,
    PREFIXES,
    SAME_HOST,
    SHAPES,
    SUFFIX_LABELS,
    TRACKING,
    TRACKING_AT,
    TRACKING_PREFIXES,
    WRAPPERS,
)

_ROUNDS = 20  # a wrapper may hold a wrapper
_SAFE = "%/:@!$'()*,;~-._"
_ESCAPE = re.compile("%(?:[0-9A-Fa-f]{2})?")
_ESCAPED_TEXT = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
_HOST_LIKE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/]*", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(\.html?)?$")
_SLUG = re.compile(r"[-_.\d%]")  # tells /2024/a-title/amp from /guitars/amp
_DOI = re.compile(r"/(?:doi/)?(?:[a-z]+/)?(?:doi:)?(10\.\d{4,9}/.+)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in parts, each percent-encoded in the one normal way."""

    host: str
    port: int | None
    path: str
    query: tuple[tuple[str, str], ...] = ()
    fragment: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        query = "&".join(f"{key}={value}" if value else key for key, value in self.query)
        return f"https://{host}{port}{self.path}" + (query and f"?{query}") + (self.fragment and f"#{self.fragment}")

    @property
    def plain(self) -> str:
        """Host, path and query, for the patterns of the tables."""
        return str(replace(self, fragment=""))[len("https://") :]


def canonical(url: str) -> str:
    """Return the one spelling of a link: https, no tracking, no mobile or AMP variant, nothing wrapped around it.

    Never raises: what is no http(s) URL comes back as it is. Canonical twice is canonical once.
    """
    for _ in range(_ROUNDS):
        if (simpler := _simpler(url)) == url:
            break
        url = simpler
    return url


def parse(url: str) -> Link | None:
    """Take an http(s) URL apart, with the mobile and www names of its host removed; None for anything else."""
    try:
        parts = urlsplit(url.strip())
        scheme, port = parts.scheme.lower(), parts.port
        if scheme not in PORTS or not parts.hostname or "\\" in parts.netloc:
            return None
        host = _plain_host(ascii_host(parts.hostname))
    except ValueError:
        return None
    usual = port in (None, PORTS[scheme], PORTS["https"])
    path, fragment = _neat(parts.path, "+&="), _neat(parts.fragment, "+&=?")
    return Link(host, None if usual else port, path, _pairs(parts.query), fragment)


def is_suffix(host: str) -> bool:
    """Whether a name is nobody's own site: org, co.uk."""
    labels = host.split(".")
    return len(labels) == 1 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SUFFIX_LABELS)


def _simpler(url: str) -> str:
    link = parse(url)
    if link is None:
        return url
    if (inside := _unwrapped(link)) is not None:
        return inside
    return str(_site_shape(replace(link, path=_path(link.path), query=_kept(link), fragment=_route(link.fragment))))


def _plain_host(host: str) -> str:
    for prefix in PREFIXES:
        rest = host.removeprefix(prefix)
        if rest != host and not is_suffix(rest):
            return _plain_host(rest)
    labels = host.split(".")
    if len(labels) > 3 and labels[1] == "m":  # en.m.wikipedia.org
        host = ".".join((labels[0], *labels[2:]))
    return SAME_HOST.get(host, host)


def _neat(text: str, more: str) -> str:
    """Percent-encode in the normal way: unreserved characters bare, hex in upper case, text composed (NFC)."""
    text = _ESCAPED_TEXT.sub(_as_text, _ESCAPE.sub(_as_letter, text))
    return quote(unicodedata.normalize("NFC", text), safe=_SAFE + more)


def _as_letter(escape: re.Match[str]) -> str:
    if len(escape[0]) == 1:
        return "%25"  # a bare % is text
    letter = chr(int(escape[0][1:], 16))
    return letter if _UNRESERVED.fullmatch(letter) else escape[0].upper()


def _as_text(escapes: re.Match[str]) -> str:
    try:
        return bytes.fromhex(escapes[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return escapes[0]


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    pieces = (piece.replace("+", "%20").partition("=") for piece in query.split("&"))
    neat = ((_neat(key.removeprefix("amp;"), ""), _neat(value, "=?")) for key, _, value in pieces)
    return tuple((key, value) for key, value in neat if key)


def _unwrapped(link: Link) -> str | None:
    """What a redirector or an AMP cache has wrapped, or None."""
    where, values = link.host + link.path.rstrip("/"), dict(link.query)
    for pattern, names in WRAPPERS:
        if pattern.fullmatch(where):
            inside = (unquote(values[name]) for name in names if name in values)
            return next((url for url in inside if parse(url)), None)
    cached = AMP_CACHE.fullmatch(link.plain)
    return f"https://{cached[1]}" if cached and parse(f"https://{cached[1]}") else None


def _path(path: str) -> str:
    """A path without dot segments, doubled slashes, sessions, index files and AMP."""
    path = re.sub(r"(?<!:)/{2,}", "/", _SESSION.sub("", path))
    steps: list[str] = []
    for step in path.split("/")[1:]:
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    path = _INDEX.sub("", "/" + "/".join(steps)).rstrip("/")
    return _without_amp(path) or "/"


def _without_amp(path: str) -> str:
    before, _, last = path.rpartition("/")
    if last == "amp" and _SLUG.search(before.rpartition("/")[2]):
        return before
    if path.startswith("/amp/") and _SLUG.search(last):
        return path.removeprefix("/amp")
    return _AMP_FILE.sub(r"\1", path)


def _kept(link: Link) -> tuple[tuple[str, str], ...]:
    """The parameters that say which page it is, sorted by name; those of one name keep their order."""
    own = frozenset().union(*(names for host, names in TRACKING_AT.items() if f".{link.host}".endswith(f".{host}")))
    if "/p/" in link.path:
        own |= TRACKING_AT["substack.com"]  # its newsletters have domains of their own
    return tuple(sorted((pair for pair in link.query if not _tracks(*pair, own)), key=lambda pair: pair[0]))


def _tracks(key: str, value: str, own: frozenset[str]) -> bool:
    key, value = unquote(key).lower(), unquote(value).lower()
    if key in TRACKING or key in own or key.startswith(TRACKING_PREFIXES):
        return True
    if key in ASKED_BY_VALUE:
        return value in PLACES or (key.startswith("ref") and bool(_HOST_LIKE.fullmatch(value)))
    return (key == "amp" and value in ("", "1", "true")) or (key == "outputtype" and value == "amp")


def _route(fragment: str) -> str:
    """A fragment is a place in the page, except where a script makes pages of it (#!…, #/…)."""
    return fragment if len(fragment) > 1 and fragment[0] in "!/" else ""


def _site_shape(link: Link) -> Link:
    if link.port is not None:
        return link
    doi = _DOI.fullmatch(link.path)
    if doi and (link.host == "doi.org" or link.path.startswith("/doi/")):
        link = Link("doi.org", None, "/" + _neat(doi[1].lower(), "+&="))
    for pattern, shape in SHAPES:
        if found := pattern.fullmatch(link.plain):
            return parse(f"https://{found.expand(shape)}") or link
    return link
