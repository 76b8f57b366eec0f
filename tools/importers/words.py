"""The words of an export as they are kept: clean, with the links, tags and names that stand in them. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from memory.records import Account
from tools.sources.prose import plain
from tools.sources.unseen import seen, trimmed

LONGEST: Final = 2_000_000  # signs of one item; a thick book has as many
_LINK: Final = re.compile(r"https?://[^\s<>\"'\])}|\\^`]+", re.IGNORECASE)
_TAG: Final = re.compile(r"(?<![\w&/#])#((?=[\w/-]*[^\W\d_])[\w/-]+)")
_LONGEST_PAGE: Final = 2_000_000  # signs
_DEEPEST: Final = 300  # levels
_TAGS: Final = re.compile(r"<[^<>]*>")
_ELEMENT: Final = re.compile(
    r"<(/?)(?!(?:area|br|col|dd|dt|hr|img|input|li|link|meta|option|p|source|td|th|tr|wbr)\b)[a-z]", re.IGNORECASE
)
_ENDING: Final = ".,;:!?…»”’*_"
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?")
_NO_TIME: Final = "its time cannot be read"
_SECONDS: Final = re.compile(r"-?\d{9,16}(?:\.\d+)?")


def clean(text: str) -> str:
    """In NFC and without unseen signs; blanks, indents and page breaks stay, for they mean something in notes."""
    pages = map(seen, text[:LONGEST].split("\f"))
    return unicodedata.normalize("NFC", "\f".join(pages)).strip("\f\n ")


def said(text: str) -> str:
    """What somebody said in a chat: clean, with no blanks around its lines."""
    return trimmed(clean(text))


def from_html(html: str) -> tuple[str, tuple[str, ...]]:
    """The text of a piece of HTML from anywhere, and the links in it."""
    import nh3

    html = html[:_LONGEST_PAGE]
    if _depth(html) > _DEEPEST:  # nobody writes so, and parsers take a time that grows with its square
        html = _TAGS.sub(" ", html)
    prose = plain(nh3.clean(html))
    return prose.text, prose.links


def _depth(html: str) -> int:
    """How deep elements nest at most; those that close by themselves are not counted."""
    depth = deepest = 0
    for match in _ELEMENT.finditer(html):
        depth = max(depth - 1, 0) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def links_in(text: str) -> tuple[str, ...]:
    """The addresses that stand in a text, each once."""
    if "://" not in text:
        return ()
    return tuple(dict.fromkeys(match.rstrip(_ENDING) for match in _LINK.findall(text)))


def tags_in(text: str) -> tuple[str, ...]:
    """The hashtags in a text, in lower case, each once; a number is none."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(tag.strip("/-").lower() for tag in _TAG.findall(_LINK.sub(" ", text))))


def uri(kind: str, *steps: str) -> str:
    """The one name of something in an export: ``kind:step/step``."""
    return f"{kind}:" + "/".join(quote(unicodedata.normalize("NFC", step), safe="") for step in steps)


def person(kind: str, key: str, name: str = "") -> Account:
    """Somebody in an export, by a number, an address or (for want of these) the name."""
    name = " ".join(seen(name or key).split())[:200]
    handle = key if "@" in key else f"{'.'.join(name.casefold().split()) or 'nobody'}@{kind}"
    return Account(uri=uri(kind, "person", key), handle=handle[:200], name=name)


def instant(written: object) -> datetime:
    """A time as machines write it: ISO 8601, or seconds or milliseconds since 1970. Raises ValueError.

    It has no time zone where none was written.
    """
    text = str(written).strip()
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        try:
            return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > 1e11 else seconds, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(_NO_TIME) from error
    if not (match := _ISO.match(text)):
        raise ValueError(_NO_TIME)
    numbers = [int(part or 0) for part in match.groups()[:6]]
    zone = match[7]
    try:
        at = datetime(*numbers)  # type: ignore[arg-type]
        return at if zone is None else datetime.fromisoformat(at.isoformat() + ("+00:00" if zone == "Z" else zone))
    except ValueError as error:
        raise ValueError(_NO_TIME) from error
