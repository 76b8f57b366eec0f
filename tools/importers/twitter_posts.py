"""One post of an X archive → the nouns. Pure.

A post is known as https://x.com/i/status/NUMBER, which is also how links to it are spelt in their one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from memory.records import Account, Counts, Item, Media, Visibility
from tools.canonical import canonical
from tools.importers.fields import Json, inner, listed, number, web, word
from tools.importers.words import LONGEST, clean, links_in, said, tags_in

SOURCE: Final = "x"
NOBODY: Final = Account("https://x.com/i", "unknown@x.com", "somebody on X")
"""Likes do not tell whose they are."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE: Final = re.compile(rf"[A-Z][a-z]{{2}} ({'|'.join(_MONTHS)}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-]\d{{4}}) (\d{{4}})")
_NUMBER: Final = re.compile(r"[1-9]\d{0,18}")
_STATUS: Final = re.compile(r"https://x\.com/i/status/[1-9]\d{0,18}")
_STATUS_OF: Final = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(\w{1,20})/status(?:es)?/([1-9]\d{0,18})", re.ASCII | re.IGNORECASE
)
_SHORT: Final = re.compile(r"https?://t\.co/\w{1,40}")
_EPOCH: Final = 1_288_834_974_657  # milliseconds: since then, the number of a post holds its time
_COUNTED: Final = (  # before, posts were numbered one by one; between these, time passed evenly enough
    (0, datetime(2006, 3, 21, tzinfo=UTC)),
    (1_000_000_000, datetime(2008, 11, 11, tzinfo=UTC)),
    (5_000_000_000, datetime(2009, 10, 19, tzinfo=UTC)),
    (10_000_000_000, datetime(2010, 3, 5, tzinfo=UTC)),
    (20_000_000_000, datetime(2010, 8, 1, tzinfo=UTC)),
    (30_000_000_000, datetime(2010, 11, 4, 22, tzinfo=UTC)),
)


def status(key: str) -> str:
    """The URI of a post by its number. Raises ValueError."""
    if not _NUMBER.fullmatch(key):
        raise ValueError("its number is none")
    return f"https://x.com/i/status/{key}"


def status_in(link: str) -> str:
    """The URI of the post that a link leads to, or nothing."""
    found = canonical(link)
    return found if _STATUS.fullmatch(found) else ""


def somebody(name: str, shown: str = "") -> Account:
    """An account by its name there. Raises ValueError."""
    if not re.fullmatch(r"\w{1,20}", name, re.ASCII):
        raise ValueError("its author has no name")
    address = f"https://x.com/{name.lower()}"
    return Account(address, f"{name}@x.com", " ".join(clean(shown).split())[:200] or name, address)


def time_of(key: str) -> datetime:
    """When the post of that number was written: to the millisecond, or (before November 2010) to some weeks."""
    count = int(key)
    for (low, since), (high, until) in pairwise(_COUNTED):
        if count < high:
            return since + (until - since) * ((count - low) / (high - low))
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(count >> 22) + _EPOCH)


def created(row: Json, key: str) -> datetime:
    """When it says that it was written ("Wed Oct 10 20:19:24 +0000 2018"), else what its number tells.

    Raises ValueError.
    """
    if not (found := _DATE.fullmatch(word(row, "created_at"))):
        if word(row, "created_at"):
            raise ValueError("its time cannot be read")
        return time_of(key)
    month, day, hour, minute, second, zone, year = found.groups()
    at = f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{hour}:{minute}:{second}{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(at).astimezone(UTC)


def unescaped(text: str) -> str:
    """The three signs that X writes as entities, and no others."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@dataclass
class Writing:
    """How posts are read. Learnt from one post after the other: ``expanded``, t.co → where it leads; ``authors``, the
    number of a post that was answered or quoted → whose it is.
    """

    visibility: Visibility = Visibility.PUBLIC
    expanded: dict[str, str] = field(default_factory=dict)
    authors: dict[int, str] = field(default_factory=dict)

    def learn(self, urls: Iterable[Json], short: str = "url", long: str = "expanded_url") -> None:
        """Remember where these links lead; only the web counts."""
        for row in urls:
            if target := web(word(row, long)):
                self.expanded[word(row, short)] = target
                if (found := _STATUS_OF.match(target)) and found[1].lower() != "i":
                    self.authors[int(found[2])] = found[1]

    def words(self, text: str, drop: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
        """A text with its links as they are meant, and these; links to be dropped leave it."""
        dropped = set(drop)
        links: list[str] = []

        def full(found: re.Match[str]) -> str:
            if found[0] in dropped:
                return ""
            links.append(self.expanded.get(found[0], found[0]))
            return links[-1]

        text = unescaped(text[:LONGEST])
        bare = _SHORT.sub(" ", text)
        return said(_SHORT.sub(full, text)), tuple(dict.fromkeys((*links, *links_in(bare))))

    def post(self, key: str, author: Account, at: datetime, row: Json, text: str, note: str = "") -> Item:
        """An item from a row of tweets.js; ``note`` is the whole text where the row has but its beginning."""
        self.learn(listed(inner(row, "entities"), "urls"))
        media = listed(inner(row, "extended_entities"), "media") or listed(inner(row, "entities"), "media")
        quotes, quoting = self._quoted(row, note or text)
        plain, links = self.words(note or text, [quoting, *(word(one, "url") for one in media)])
        uri, language = status(key), word(row, "lang")
        tags = (word(tag, "text").lower() for tag in listed(inner(row, "entities"), "hashtags"))
        return Item(
            uri=uri,
            ref=uri,
            author=author.uri,
            created_at=at,
            text=plain,
            url=uri,
            source=SOURCE,
            language=language.lower() if len(language) == 2 else "",
            visibility=self.visibility,
            reply_to=self._parent(row),
            quotes=quotes,
            links=links if not quotes or quotes in map(canonical, links) else (*links, quotes),
            tags=tuple(dict.fromkeys((*tags_in(plain), *filter(None, tags)))),
            mentions=tuple(handle for handle in _mentions(row) if handle.lower() != author.handle.lower()),
            media=tuple(_media(one) for one in media),
            counts=Counts(boosts=number(row, "retweet_count"), likes=number(row, "favorite_count")),
            raw=row,
        )

    def author_of(self, key: str) -> Account:
        """Whose post of that number it is, as far as any other post tells."""
        name = self.authors.get(int(key))
        return somebody(name) if name else NOBODY

    def _parent(self, row: Json) -> str:
        key = word(row, "in_reply_to_status_id_str", "in_reply_to_status_id")
        if not _NUMBER.fullmatch(key):
            return ""
        if re.fullmatch(r"\w{1,20}", name := word(row, "in_reply_to_screen_name"), re.ASCII):
            self.authors[int(key)] = name
        return status(key)

    def _quoted(self, row: Json, text: str) -> tuple[str, str]:
        """The post that is quoted, and the short link at the end which does so."""
        found = list(_SHORT.finditer(text))
        last = found[-1] if found and found[-1].end() == len(text.rstrip()) else None
        uri = status_in(self.expanded.get(last[0], "")) if last else ""
        key = word(row, "quoted_status_id_str", "quoted_status_id")
        said_so = status(key) if _NUMBER.fullmatch(key) else ""
        return said_so or uri, last[0] if last and uri and uri == (said_so or uri) else ""


def _mentions(row: Json) -> tuple[str, ...]:
    names = (word(one, "screen_name") for one in listed(inner(row, "entities"), "user_mentions"))
    return tuple(dict.fromkeys(f"{name}@x.com" for name in names if re.fullmatch(r"\w{1,20}", name, re.ASCII)))


def _media(row: Json) -> Media:
    kind = {"photo": "image", "video": "video", "animated_gif": "gifv"}.get(word(row, "type"), "unknown")
    described = said(word(row, "ext_alt_text", "alt_text", "description"))
    return Media(kind, described, web(word(row, "media_url_https", "media_url")))


def shown_as(accounts: Iterable[Json]) -> Mapping[str, str]:
    """Names of accounts in lower case → how they are shown."""
    return {word(one, "screen_name").lower(): word(one, "name") for one in accounts}
