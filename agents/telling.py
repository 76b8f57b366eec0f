"""Which words of texts tell something, and in how many texts each stands. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from agents.understanding.question import fold
from agents.understanding.tongues import CODES, tongue
from agents.vocabulary import COUNT_WORDS, FUNCTION_WORDS
from agents.words import words
from memory.records import Item

FEWEST_LETTERS = 4
NUMBERS = frozenset(word for word, value in COUNT_WORDS.items() if value.isalnum()) - {"miles"}
"""Numbers spelt out. Money and what else is counted by is none of them; "miles" are thousands in Spanish alone."""

_DAYS = """
today yesterday tomorrow heute gestern morgen demain hoy ayer mañana oggi ieri domani vandaag gisteren hoje ontem amanhã
"""
DAYS = frozenset(_DAYS.split())
_ADDRESS = re.compile(r"(?<!\S)\S*(?:https?://|www\.|@)\S*")


def said(items: Iterable[Item]) -> Counter[str]:
    """In how many of the items each word stands; a hashtag is a word, an address has none."""
    return Counter(
        word for item in items for word in {*words(_ADDRESS.sub(" ", item.searchable)), *item.tags} if tells(word)
    )


@cache
def tells(word: str) -> bool:
    """Whether it is neither a number, in digits or spelt out, nor "today" nor short, and no function word, nor begins
    or ends in one: not "nicht", not "j'ai".
    """
    nothing = word.isdecimal() or "'" in word or word in NUMBERS or word in DAYS or functional(word)
    return len(word) >= FEWEST_LETTERS and not nothing


@cache
def functional(word: str) -> bool:
    """Whether it is a function word of any language that is understood: "the", "nicht"."""
    plain = fold(word)
    return word in FUNCTION_WORDS or any(plain in tongue(code).function for code in CODES)
