"""Text without what readers cannot see: control signs, zero widths, reversed directions, smuggled tags. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 200_000  # characters; no server lets anybody write that much
KEPT: Final = "\x00"  # stands for a blank that must survive the tidying: no other NUL gets that far

# Joiners belong to emoji and to scripts from Arabic to the Indic ones; anywhere else they only hide something.
_JOINED: Final = "\u0600-\u1fff"
_PICTURE: Final = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_FLAG: Final = "\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f"  # England, Scotland, Wales …
_UNSEEN: Final = re.compile(
    f"({_FLAG})"
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
    f"|(?<![{_JOINED}])\u200c|\u200c(?![{_JOINED}])"
    f"|(?<![{_JOINED}{_PICTURE}])\u200d|\u200d(?![{_JOINED}{_PICTURE}])"
)
_BREAK: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")
_BLANKS: Final = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BREAKS: Final = re.compile(r" *\n[ \n]*")


def tidy(text: str) -> str:
    """Text without markup (a name, a description, a content warning) in NFC, tidied, with nothing unseen in it."""
    return tidied(one_blank(seen(text[:LONGEST])))


def seen(text: str) -> str:
    """The text without unseen signs; every kind of line break becomes a newline."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda match: match[1] or "", _BREAK.sub("\n", text))


def one_blank(text: str) -> str:
    """Each run of blanks, of whatever kind and width, as one space."""
    return _BLANKS.sub(" ", text)


def trimmed(text: str) -> str:
    """No blanks around newlines, at most one empty line in a row, nothing before and after."""
    return _BREAKS.sub(lambda match: "\n" * min(match[0].count("\n"), 2), text).strip(" \n")


def tidied(text: str) -> str:
    """The last step: trimmed, with the kept blanks put back. What was written as an entity is looked through again."""
    text = re.sub(" {2,}", " ", KEPT.join(map(seen, text.split(KEPT))))
    text = trimmed(re.sub(f"[ {KEPT}]+(?=\n|\\Z)", "", text)).replace(KEPT, " ")
    return unicodedata.normalize("NFC", text)
