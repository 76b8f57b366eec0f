"""Words for full text search. FTS5 parts words at blanks; Chinese, Japanese, Korean and Thai are written without."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

_UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_SIGN = re.compile(f"([{_UNPARTED}])")
_WORD = re.compile(rf"[{_UNPARTED}]+|[^\W{_UNPARTED}]+")


def prepared(text: str) -> str:
    """The text as it is indexed: every sign of a script without blanks is a word of its own."""
    return _SIGN.sub(r" \1 ", text)


def match(query: str, ignored: Collection[str] = ()) -> str:
    """An FTS5 expression for any of the query's words, or of each two neighbouring signs; empty without words.

    Words that are ``ignored`` count only where there are no others.
    """
    words = _WORD.findall(query.lower())
    words = [word for word in words if word not in ignored] or words
    phrases = [phrase for word in words for phrase in _phrases(word)]
    return " OR ".join(f'"{phrase}"' for phrase in dict.fromkeys(phrases))


def _phrases(word: str) -> list[str]:
    if len(word) == 1 or not _SIGN.match(word):
        return [word]
    return [f"{one} {other}" for one, other in pairwise(word)]
