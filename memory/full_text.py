"""Words for full text search: cut to their stems, and found again whatever language they are asked in.

FTS5 parts words at blanks; Chinese, Japanese, Korean and Thai are written without. Its own stemming knows English only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Final
from unicodedata import combining, normalize

_UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_SIGN = re.compile(f"[{_UNPARTED}]")
_WORD = re.compile(rf"[{_UNPARTED}]|[^\W_{_UNPARTED}]+")
_ASKED = re.compile(rf'"(?P<phrase>[^"]*)"|(?P<word>[{_UNPARTED}]+|[^\W_{_UNPARTED}]+)(?P<begins>\*?)')

STEMMERS: Final = {
    **{"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese"},
    **{"nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "nb": "norwegian", "nn": "norwegian"},
    **{"fi": "finnish", "ru": "russian", "hu": "hungarian", "ro": "romanian", "tr": "turkish", "ca": "catalan"},
    **{"el": "greek", "id": "indonesian", "lt": "lithuanian", "ar": "arabic", "ga": "irish"},
}
"""Two letters of a language → the Snowball algorithm for it. What is in no known language is taken for English."""


ASKED_IN: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "ru")
"""A query may be in any of these: it says itself in none of them which."""


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a query asks for. Any of ``forms`` will do, which are as ``prepared`` writes them."""

    forms: tuple[str, ...]
    begins: bool = False  # words that begin so will do, too

    @property
    def expression(self) -> str:
        """As FTS5 asks for it."""
        star = "*" if self.begins else ""
        return " OR ".join(f'"{form}"{star}' for form in self.forms)


def parted(text: str) -> str:
    """The text with every sign of a script without blanks as a word of its own, and no word changed."""
    return _SIGN.sub(lambda found: f" {found.group()} ", text)


def prepared(text: str, language: str = "") -> str:
    """The text as it is indexed: the stems of its words. Each sign of a script without blanks is a word of its own."""
    return " ".join(_stem(word, language[:2].lower()) for word in _WORD.findall(text.lower()))


MOST: Final = 64
"""More words than these are not looked for: the longest, which are the rarest."""


def terms(query: str, ignored: Collection[str] = ()) -> list[Term]:
    """What a query asks for: words, "phrases in quotes", beginnings* and each two neighbouring unparted signs.

    Words that are ``ignored`` count only where there are no others.
    """
    asked = list(_asked(query.lower()))
    found = [term for word, term in asked if word not in ignored] or [term for _, term in asked]
    rarest = sorted(dict.fromkeys(found), key=lambda term: (not term.forms[0].isalpha(), -len(term.forms[0])))[:MOST]
    return [term for term in dict.fromkeys(found) if term in set(rarest)]


def match(wanted: Sequence[Term]) -> str:
    """An FTS5 expression for any of these; empty without any."""
    return " OR ".join(term.expression for term in wanted)


def _asked(query: str) -> Iterator[tuple[str, Term]]:
    for found in _ASKED.finditer(query):
        if found["phrase"] is not None:
            if words := _WORD.findall(found["phrase"]):
                phrases = (" ".join(_stem(word, language) for word in words) for language in ASKED_IN)
                yield found["phrase"], Term(tuple(dict.fromkeys(phrases)))
        elif _SIGN.match(found["word"]) and len(found["word"]) > 1:
            yield from ((pair, Term((f"{pair[0]} {pair[1]}",))) for pair in map("".join, pairwise(found["word"])))
        elif found["begins"]:
            yield found["word"], Term((_folded(found["word"]),), begins=True)
        else:
            yield found["word"], Term(_forms(found["word"]))


@lru_cache(4096)
def _forms(word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_stem(word, language) for language in ASKED_IN))


@lru_cache(65536)
def _stem(word: str, language: str) -> str:
    if _SIGN.match(word):
        return word
    return _folded(str(_stemmer(STEMMERS.get(language, "english")).stemWord(word))) or _folded(word)


def _folded(word: str) -> str:
    """Without accents."""
    return "".join(sign for sign in normalize("NFKD", word) if not combining(sign)) or word


@cache
def _stemmer(name: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(name)
