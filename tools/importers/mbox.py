"""E-mail: an mbox (Gmail's Takeout, Thunderbird, Apple Mail), or a folder of .eml files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from memory.records import Account, Fetched, Kind
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.letters import words_of
from tools.importers.notes import Leaf
from tools.importers.words import person

KIND: Final = "mbox"
_PATTERNS: Final = ("*.mbox", "*.mbx", "mbox", "inbox", "sent")
_MOST: Final = 4 << 20  # bytes of a letter that are read; words come before attachments
_LONGEST_LINE: Final = 1 << 20
_ID: Final = re.compile(r"<([^<>\s]{1,500})>")
_SENT: Final = re.compile(r"\b(?:sent|gesendet|envoy|enviad|inviat|verzonden)", re.IGNORECASE)
_JUNK: Final = re.compile(r"\b(?:spam|junk|trash|papierkorb|corbeille|papelera|cestino)\b", re.IGNORECASE)
_ANGLED: Final = re.compile(rb"\n>(>*From )")


class _NoDateError(ValueError):
    """A letter is not told apart from others, or put in order, without one."""


def recognises(opened: Opened) -> bool:
    """A file that begins with "From ", or letters by themselves."""
    return bool(_boxes(opened) or opened.matching("*.eml"))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's addresses; what lies in a folder of sent mail is the owner's anyway."""
    whose = Whose.of(settings, "importer mbox")
    return Importer(KIND, opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All letters but junk."""
    for name in _boxes(opened):
        for number, data in enumerate(letters(opened, name), 1):
            yield _row(data, whose, f"Letter {number} of {name}", _SENT.search(name) is not None)
    for name in opened.matching("*.eml"):
        with opened.stream(name) as file:
            data = file.read(_MOST)
        yield _row(data, whose, name, _SENT.search(name) is not None)


def _boxes(opened: Opened) -> list[str]:
    named = set(opened.matching(*_PATTERNS))
    begins = {name for name in opened.names if name in named or "." not in name.rpartition("/")[2]}
    return [name for name in opened.names if name in begins and opened.head(name, 5) == b"From "]


def letters(opened: Opened, name: str) -> Iterator[bytes]:
    """The letters of an mbox, one in memory at a time, each as far as it is read."""
    with opened.stream(name) as file:
        letter, begun, blank = bytearray(), False, True
        while line := file.readline(_LONGEST_LINE):
            if blank and line.startswith(b"From "):
                if begun:
                    yield bytes(letter)
                letter, begun = bytearray(), True
            elif len(letter) < _MOST:
                letter += line
            blank = line in (b"\n", b"\r\n")
        if begun:
            yield bytes(letter)


def _row(data: bytes, whose: Whose, place: str, sent: bool) -> Fetched | RowError:
    try:
        message = message_from_bytes(_ANGLED.sub(rb"\n\1", data))
        return _letter(message, whose, place, sent)
    except _NoDateError:
        return RowError(place, "it has no date")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        return RowError(place, f"it is no letter ({type(error).__name__})")


def _letter(message: Message[str, str], whose: Whose, place: str, sent: bool) -> Fetched | RowError:
    labels, written = _header(message, "X-Gmail-Labels"), _header(message, "Date")
    if _JUNK.search(labels):
        return empty(place, "junk, or thrown away")
    if not written and not _header(message, "From"):
        return RowError(place, "it has neither a sender nor a date")
    author = _sender(message)
    subject, (text, links, files) = _header(message, "Subject"), words_of(message)
    if not text.strip() and not subject:
        return empty(place, "a letter without words")
    number = next(iter(_ID.findall(_header(message, "Message-ID"))), "")
    number = (
        number
        or hashlib.blake2b(f"{written} {author.uri} {subject}".encode("utf-8", "replace"), digest_size=12).hexdigest()
    )
    answered = [*_ID.findall(_header(message, "References")), *_ID.findall(_header(message, "In-Reply-To"))]
    own = sent or _SENT.search(labels) is not None or whose.is_me(author.handle, author.name)
    return Leaf(
        KIND,
        (),
        whose.instant(_date(written)),
        text,
        title=subject,
        author=author,
        deed=Kind.AUTHORED if own else None,
        kind="mail",
        name=_mid(number),
        links=links,
        tags=(),
        media=files,
        reply_to=_mid(answered[-1]) if answered else "",
    ).step()


def _sender(message: Message[str, str]) -> Account:
    name, address = next(iter(getaddresses([_header(message, "From")])), ("", ""))
    return person(KIND, address.lower() or name or "unknown", name or address)


def _header(message: Message[str, str], name: str) -> str:
    """A header as text; one that breaks the rules is read as it stands."""
    raw = str(message.get(name) or "")[:10_000]
    try:
        return " ".join(str(make_header(decode_header(raw))).split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return " ".join(raw.split())


def _date(written: str) -> datetime:
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise _NoDateError from error


def _mid(number: str) -> str:
    return f"mid:{quote(number, safe='@.!$*+=_-')}"
