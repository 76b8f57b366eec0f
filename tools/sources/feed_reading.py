"""RSS, Atom and JSON Feed → one form. Whatever the bytes are, what comes out is tidy, or an error in one sentence."""

from __future__ import annotations

import json
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urljoin

from config.errors import SourceError
from memory.records import Media
from tools.charsets import NO_TEXTS
from tools.sources.answers import good, host_of, line, moment, one_line, rows, text, web_link
from tools.sources.unseen import tidy
from tools.web import Page

MOST: Final = 500  # entries; a feed with more is an archive
LENIENT: Final = 250_000  # bytes
_JSON: Final = ("application/feed+json", "application/json")
_ENTITY: Final = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_NO_CHARSET: Final = re.compile(rf"(?:encoding|charset)\s*=\s*[\"']?\s*(?:{'|'.join(NO_TEXTS)})\b", re.IGNORECASE)
_DATES: Final = ("published_parsed", "created_parsed", "updated_parsed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed as it was read. ``guid`` is what the feed calls it, ``html`` its longest text."""

    guid: str
    link: str = ""
    title: str = ""
    html: str = ""
    author: str = ""
    at: datetime | None = None
    edited_at: datetime | None = None
    tags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    related: tuple[str, ...] = ()  # further addresses that mean this entry
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it was read."""

    title: str
    link: str
    language: str
    at: datetime | None
    entries: Sequence[Entry | SourceError]


def read_feed(page: Page) -> Feed:
    """Read a feed of any form. Raises SourceError when it is none; an entry that cannot be read stands as an error."""
    good(page, "the feed")
    start = page.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if page.content_type in _JSON or start.startswith(b"{"):
        return _json_feed(page)
    return _xml_feed(page)


def _json_feed(page: Page) -> Feed:
    try:
        told = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{page.url[:120]} is no readable JSON Feed ({type(error).__name__}).") from error
    if not isinstance(told, dict) or not isinstance(told.get("items"), list):
        raise SourceError(f"{page.url[:120]} is JSON, but no feed: it has no items.")
    entries = [_attempt(number, row, page, _json_entry) for number, row in enumerate(told["items"][:MOST], 1)]
    home = web_link(urljoin(page.url, text(told, "home_page_url"))) if text(told, "home_page_url") else ""
    return Feed(line(told, "title"), home, text(told, "language"), None, entries)


def _json_entry(row: Any, page: Page) -> Entry:
    guid, link = text(row, "id"), _absolute(page.url, text(row, "url"))
    outside = _absolute(page.url, text(row, "external_url"))
    if not (guid or link):
        raise ValueError("neither id nor url")
    names = [*rows(row, "authors"), *([row["author"]] if isinstance(row.get("author"), Mapping) else [])]
    return Entry(
        guid or link,
        link or outside,
        line(row, "title"),
        text(row, "content_html") or _escaped(text(row, "content_text") or text(row, "summary")),
        line(names[0], "name") if names else "",
        moment(text(row, "date_published") or text(row, "date_modified")),
        moment(text(row, "date_modified")),
        _tags(row.get("tags")),
        tuple(Media(text(m, "mime_type").partition("/")[0], "", text(m, "url")) for m in rows(row, "attachments")),
        tuple(url for url in (link, outside) if url),
        row,
    )


def _escaped(words: str) -> str:
    from html import escape

    return escape(words).replace("\n", "<br>")


def _xml_feed(page: Page) -> Feed:
    import feedparser

    if harm := _harm(page):
        raise SourceError(f"{page.url[:120]} {harm}: it was not read.")
    headers = {name: page.headers[name] for name in ("content-type",) if name in page.headers}
    try:
        told = feedparser.parse(
            BytesIO(page.body), response_headers={**headers, "content-location": page.url}, sanitize_html=False
        )
    except Exception as error:  # whatever a parser of twenty years does with hostile bytes, the other feeds go on
        raise SourceError(f"{page.url[:120]} cannot be read as a feed ({type(error).__name__}).") from error
    if not told.get("version") and not told.entries:
        raise _no_feed(page)
    head = told.feed
    entries = [_attempt(number, row, page, _xml_entry) for number, row in enumerate(told.entries[:MOST], 1)]
    return Feed(
        one_line(str(head.get("title", ""))),
        _absolute(page.url, str(head.get("link", ""))),
        str(head.get("language", "")),
        _date(head, "updated_parsed", "published_parsed"),
        entries,
    )


def _harm(page: Page) -> str:
    """Why no parser gets to read it; nothing where one may."""
    plain = page.body.replace(b"\0", b"")  # without the zeros of UTF-16
    if _ENTITY.search(plain):
        return "declares entities of its own, which no feed needs"
    if _NO_CHARSET.search(f"{page.headers.get('content-type', '')} {plain[:2000].decode('latin-1')}"):
        return "names a charset that no text is written in"
    if len(page.body) > LENIENT and not _well_formed(page.body):  # what is broken is read leniently, which takes long
        return "is broken XML, and too long to make sense of"
    return ""


def _well_formed(body: bytes) -> bool:
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError as error:
        return error.code == expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
    except (LookupError, ValueError):  # a charset that only the real parser knows
        return True
    return True


def _xml_entry(row: Any, page: Page) -> Entry:
    guid, link = str(row.get("id", "")).strip(), _absolute(page.url, str(row.get("link", "")))
    if not (guid or link or row.get("title") or row.get("summary")):
        raise ValueError("neither id, link nor words")
    bodies = [str(part.get("value", "")) for part in row.get("content", [])] + [str(row.get("summary", ""))]
    tags = [tag.get("term") or tag.get("label") for tag in row.get("tags", [])]
    return Entry(
        guid or link or f"{row.get('title', '')} {row.get('summary', '')}"[:200],
        link,
        one_line(str(row.get("title", ""))),
        max(bodies, key=len),
        one_line(str(row.get("author", ""))),
        _date(row, *_DATES),
        _date(row, "updated_parsed"),
        _tags(tags),
        tuple(_media(row)),
        tuple(url for url in (link, web_link(str(row.get("feedburner_origlink", "")))) if url),
        dict(row),
    )


def _media(row: Any) -> Iterator[Media]:
    for one in [*row.get("enclosures", []), *row.get("media_content", [])][:8]:
        url, kind = (
            web_link(str(one.get("href") or one.get("url") or "")),
            str(one.get("type") or one.get("medium") or ""),
        )
        if url:
            yield Media(kind.partition("/")[0], "", url)


def _date(row: Any, *names: str) -> datetime | None:
    for name in names:
        if told := dict.get(row, name):  # its own get takes one date for another, and warns of it
            try:
                return moment(timegm(told))
            except (TypeError, ValueError, OverflowError):
                continue
    return None


def _tags(told: object) -> tuple[str, ...]:
    words = told if isinstance(told, list) else []
    tidied = (" ".join(tidy(word).split()).lower().lstrip("#") for word in words if isinstance(word, str))
    return tuple(dict.fromkeys(tag for tag in tidied if tag and len(tag) <= 60))[:20]


def _absolute(base: str, link: str) -> str:
    try:
        return web_link(urljoin(base, link.strip())) if link.strip() else ""
    except ValueError:
        return ""


def _attempt(number: int, row: Any, page: Page, read: Any) -> Entry | SourceError:
    try:
        entry: Entry = read(row, page)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        return SourceError(f"Entry {number} of {page.url[:120]} was left out: it cannot be read ({error}).")
    return entry


def _no_feed(page: Page) -> SourceError:
    """The sentence for what is no feed; where it is a web page, with the feed that it names."""
    from selectolax.lexbor import LexborHTMLParser

    if b"<html" in page.body[:2000].lower() or page.content_type == "text/html":
        for node in LexborHTMLParser(page.text).css('link[rel~="alternate" i][href]'):
            kind, href = (node.attributes.get(name) or "" for name in ("type", "href"))
            if ("rss" in kind or "atom" in kind or "feed+json" in kind) and (feed := _absolute(page.url, href)):
                return SourceError(f"{page.url[:120]} is a web page; its feed is {feed[:200]}: give that one.")
        return SourceError(f"{page.url[:120]} is a web page and names no feed; look for one on {host_of(page.url)}.")
    return SourceError(f"{page.url[:120]} is no feed that can be read.")
