"""Whether a quote says the same as a stretch of its source, word for word but for slips of the pen. Pure.

Likeness in letters forgives one changed digit in a long sentence. So names, numbers, handles, days and what denies must
be the same, in the same order; any other word may differ by a slip, which is no other word made with un- or im-.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import OSA

from agents import words as said
from agents.vocabulary import COUNT_WORDS, FUNCTION_WORDS, NEGATIONS

FEWEST_LETTERS = 4
"""In a shorter word one letter more or less makes another word."""

LONG = 8
"""From so many letters on a word may have two slips."""

_SMALL = frozenset(
    re.findall(r"\w+", "a an the that and of to in is der die das ein eine und le la les un une et de el los las y")
)
"""Words that may be dropped, added, or stand for each other."""

_DENYING = re.compile(r"un|in|im|il|ir|dis|non|mis|de|anti|dés|des|miss")
_CALLED = re.compile(r"[@#]\w[\w.-]*|https?://\S+")
_CALENDAR = frozenset(
    re.findall(
        r"\w+",
        """
        january february march april may june july august september october november december monday tuesday wednesday
        thursday friday saturday sunday janvier février mars avril mai juin juillet août septembre octobre novembre
        décembre lundi mardi mercredi jeudi vendredi samedi dimanche enero febrero marzo abril mayo junio julio agosto
        septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo juni juli gennaio
        febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart mei augustus oktober
        maandag dinsdag woensdag donderdag vrijdag zaterdag zondag janeiro fevereiro março maio junho julho setembro
        outubro novembro dezembro segunda terça quarta quinta sexta today tomorrow yesterday heute morgen gestern demain
        hier mañana ayer first second third fourth fifth sixth seventh eighth ninth tenth thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen thirty forty fifty sixty seventy eighty ninety trillion half quarter double
        triple
        """,
    )
)
"""Days, ordinals and the like: nearly the same letters, and never the same."""


@dataclass(frozen=True, slots=True)
class _Word:
    value: str
    exact: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Word) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def same_wording(quote: str, stretch: str) -> bool:
    """Whether the quote is that stretch; its first and last word may be cut off."""
    ours, theirs = _words(quote), _words(stretch)
    changes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return all(op == "equal" or _forgiven(ours[a:b], theirs[c:d], a == 0, b == len(ours)) for op, a, b, c, d in changes)


def _words(text: str) -> list[_Word]:
    """Words and numbers in order; those that must be the same are marked."""
    names = {(fact.start, fact.value) for fact in said.names(text) if not _ordinary(fact)}
    called = [match.span() for match in _CALLED.finditer(text)]
    found = [(fact.start, _Word(fact.value, True)) for fact in said.numbers(text)]
    for start, word in said.placed_words(text):
        if word.isdecimal() or COUNT_WORDS.get(word):
            continue  # it is there as a number
        value = said.without_possessive(word)
        exact = (start, value) in names or any(begin <= start < end for begin, end in called) or _fixed(value)
        found.append((start, _Word(value, exact)))
    return [word for _, word in sorted(found, key=lambda pair: pair[0])]


def _ordinary(fact: said.Fact) -> bool:
    return fact.first and (fact.value in FUNCTION_WORDS or fact.value in COUNT_WORDS)


def _fixed(word: str) -> bool:
    denies = word in NEGATIONS or word.endswith("n't") or word.startswith("n'")
    return denies or word in _CALENDAR or any(map(str.isdecimal, word))


def _forgiven(ours: Sequence[_Word], theirs: Sequence[_Word], first: bool, last: bool) -> bool:
    """Whether the quote may have these words where its source has those."""
    if any(word.exact for word in (*ours, *theirs)):
        return False
    if not ours:
        return True  # the original that is shown has them
    if not theirs and (first or last):
        return False  # what is denied or doubted may begin right there
    if len(ours) != len(theirs):
        one, other = "".join(w.value for w in ours), "".join(w.value for w in theirs)
        return all(word.value in _SMALL for word in ours) or one == other
    pairs = [(one.value, other.value) for one, other in zip(ours, theirs, strict=True)]
    return all(
        _slip(one, other)
        or (one in _SMALL and other in _SMALL)
        or (first and place == 0 and other.endswith(one))
        or (last and place == len(pairs) - 1 and other.startswith(one))
        for place, (one, other) in enumerate(pairs)
    )


def _slip(one: str, other: str) -> bool:
    """Whether somebody who meant the one may have typed the other."""
    short, long = sorted((one, other), key=len)
    if len(long) < FEWEST_LETTERS or COUNT_WORDS.get(one) or COUNT_WORDS.get(other):
        return False
    bare, other_bare = short.rpartition("'")[2], long.rpartition("'")[2]
    if bare and other_bare.endswith(bare) and _DENYING.fullmatch(other_bare[: -len(bare)]):
        return False
    return OSA.distance(one, other) <= (2 if len(short) >= LONG else 1)
