"""Which words of texts tell something, and in how many texts each stands. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from agents.understanding.question import fold
from agents.understanding.tongues import CODES, tongue
from agents.vocabulary import FUNCTION_WORDS
from agents.words import words
from memory.records import Item

FEWEST_LETTERS = 4
_ADDRESS = re.compile(r"\S*(?:https?://|www\.|@)\S*")


def said(items: Iterable[Item]) -> Counter[str]:
    """In how many of the items each word stands; a hashtag is a word, an address has none."""
    return Counter(
        word for item in items for word in {*words(_ADDRESS.sub(" ", item.searchable)), *item.tags} if tells(word)
    )


@cache
def tells(word: str) -> bool:
    """Whether it is neither a number nor short, and no function word of any language that is understood, nor begins
    or ends in one: not "nicht", not "j'ai".
    """
    if len(word) < FEWEST_LETTERS or word.isdecimal() or word in FUNCTION_WORDS:
        return False
    plain = fold(word)
    return "'" not in plain and not any(plain in tongue(code).function for code in CODES)
