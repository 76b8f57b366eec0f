"""What comes out of a question: what was understood, what was found, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from memory.query import NO_FILTERS, Filters, Hit


class Intent(StrEnum):
    """What kind of answer is wanted."""

    FIND = "find"  # what the archive says on something
    MISSED = "missed"  # what did I miss this week about X
    TALK = "talk"  # what are people saying about Y
    WHY = "why"  # why did you send me this
    TASTE = "taste"  # what do I like
    SELF = "self"  # what do you know about me
    SUMMARISE = "summarise"  # this thread, this link
    NOTE = "note"  # remember that …
    FORGET = "forget"  # forget what I said about …


UNWANTED: Final = "👎"
"""What is looked for where a TASTE is asked for by what is not liked alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, as it was understood, and what was answered."""

    question: str
    understood: Understood
    answer: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that needs nothing before it: what to look for, in which part of the archive.

    ``filtered`` says each filter in words, for the owner: "by @ana@example.social", "1 to 31 March 2026".
    """

    text: str
    filters: Filters = NO_FILTERS
    intent: Intent = Intent.FIND
    filtered: tuple[str, ...] = ()
    language: str = ""  # two letters, of the question


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer. ``cites`` are numbers of hits, from 1; ``quotes`` stand in them letter for letter.

    Where there is no room for all, those of the highest ``rank`` are left out first, and none of rank 0.
    """

    text: str
    cites: tuple[int, ...] = ()
    quotes: tuple[str, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be said. ``hits`` are numbered from 1; only what is cited is shown.

    Without claims the hits themselves are the answer: quoted, cited, dated. Without hits either, ``nearest`` are what
    lies nearest to the question although it does not answer it.
    """

    understood: Understood
    claims: tuple[Claim, ...] = ()
    hits: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()  # sentences about the answer itself
