"""A question as it is read: its words, and the same words folded, so that rules need neither capitals nor accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Stretch = tuple[int, int]
"""Where something stands in the text: the first sign and the first behind it."""

_SHIELDED = re.compile(r"https?://\S+|\"[^\"]{3,}\"|“[^”]{3,}”|„[^“”]{3,}[“”]|«[^»]{3,}»|”[^”]{3,}”")
_WORD = re.compile(r"[^\W_]+|\0+")
_TAIL = re.compile(r"[\s,;:.!?¿¡\-–—(]*$")
_HEAD = re.compile(r"^[\s,;:.!?¿¡\-–—)]*")
_ALONE = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "s", "’": "'", "‘": "'", "´": "'", "`": "'", "–": "-", "—": "-"}


@dataclass(frozen=True)
class Asked:
    """The text in NFC with plain spaces. ``folded`` is as long, sign for sign; what is quoted or a link is blank."""

    text: str

    @cached_property
    def folded(self) -> str:
        """The text without capitals and accents; quoted words and links are blanked out: they are never filters."""
        return _SHIELDED.sub(lambda found: "\0" * len(found.group()), fold(self.text))

    @cached_property
    def words(self) -> list[Stretch]:
        """Where the words stand."""
        return [match.span() for match in _WORD.finditer(self.folded)]

    def capital(self, place: int) -> bool:
        """Whether a word that begins there begins with a capital."""
        return self.text[place : place + 1].isupper()

    def without(self, cuts: Iterable[Stretch]) -> str:
        """What is left of the text when these stretches are taken out."""
        kept = bytearray(b"\1" * len(self.text))
        for begin, end in cuts:
            kept[begin:end] = b"\0" * (end - begin)
        left = "".join(sign if keep else "\0" for sign, keep in zip(self.text, kept, strict=True))
        return trimmed(re.sub(r"\s*\0+\s*", " ", left))


def cuts_of(match: re.Match[str]) -> Iterator[Stretch]:
    """Where a match stands, but for its group "kept": words that only stand between."""
    begin, end = match.span("kept") if match.re.groupindex.get("kept") else (-1, -1)
    yield from ((match.start(), begin), (end, match.end())) if begin >= 0 else (match.span(),)


def asked(question: str) -> Asked:
    """A question to be read, from what was typed."""
    plain = unicodedata.normalize("NFC", question).replace("\0", " ")
    return Asked(" ".join(plain.split()).lstrip("¿¡ "))


def fold(text: str) -> str:
    """The same text, sign for sign, in lower case, without accents, with straight apostrophes."""
    return text.lower().replace("`", "'") if text.isascii() else "".join(map(_folded, text))


def trimmed(text: str) -> str:
    """Without the punctuation and the spaces that cutting left at its ends and inside."""
    inside = re.sub(r"\s+([,;:.!?])", r"\1", re.sub(r"\s+", " ", text))
    return _TAIL.sub("", _HEAD.sub("", re.sub(r"([,;:])[,;:.\s]*(?=[,;:.])", "", inside)))


def _folded(sign: str) -> str:
    if sign in _ALONE:
        return _ALONE[sign]
    lower = sign.lower()
    if sign.isascii():
        return lower
    base = unicodedata.normalize("NFKD", lower)[:1]
    return base if base.isalnum() else (lower if len(lower) == 1 else sign)
