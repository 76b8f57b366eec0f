"""What a model that judges is given, and what of its answer holds: numbers that exist, quotes that are true. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from agents.attribution import original
from agents.checks import gives_orders, reasons_against
from agents.prompts import Prompt, render
from agents.taste import LIKES, Example
from memory.records import Item

Array = NDArray[np.float32]

LONGEST_POST = 400  # characters
LONGEST_EXAMPLE = 200
MOST_LIKED = 8
MOST_UNWANTED = 5
NONE = "(nothing yet)"


class Opinion(BaseModel):
    """On one post, as a model writes it."""

    number: int = Field(ge=0, le=9999, description="the number of the post")
    score: int = Field(ge=0, le=10, description="how much the owner would like it")
    reason: str = Field(max_length=150, description="one sentence that says why")
    quote: str = Field(max_length=120, description="words copied from the post that the reason is about")


class Opinions(BaseModel):
    """On all posts of a group."""

    posts: list[Opinion] = Field(max_length=12)


@dataclass(frozen=True, slots=True)
class Examples:
    """What the owner liked and did not want, nearest to what is judged: the words of one post each."""

    liked: tuple[str, ...]
    unwanted: tuple[str, ...]
    uris: tuple[str, ...] = ()
    private: frozenset[str] = frozenset()
    """Those of the words that not everybody may read: no reason that is told may rest on them."""


@dataclass(frozen=True, slots=True)
class Held:
    """What of an opinion holds. ``quote`` is in the words of the post; a ``reason`` that is not borne out is empty."""

    score: int
    reason: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Place in the group → what holds of it, and what did not hold, counted."""

    held: dict[int, Held] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)


def nearest(examples: Sequence[Example], vectors: Sequence[Array], may_read: Iterable[str]) -> Examples:
    """Of what the owner reacted to the likes and dislikes nearest to any of these; only ``may_read`` (Item.uri)."""
    open_to_it = frozenset(may_read)
    known = [e for e in examples if e.item.uri in open_to_it]
    liked = _nearest([e for e in known if e.kind in LIKES and e.worth > 0], vectors)[:MOST_LIKED]
    unwanted = _nearest([e for e in known if e.worth < 0], vectors)[:MOST_UNWANTED]
    texts = [tuple(line(e.item, LONGEST_EXAMPLE) for e in some) for some in (liked, unwanted)]
    private = frozenset(line(e.item, LONGEST_EXAMPLE) for e in (*liked, *unwanted) if not e.item.visibility.open)
    return Examples(texts[0], texts[1], tuple(e.item.uri for e in (*liked, *unwanted)), private)


def _nearest(some: list[Example], vectors: Sequence[Array]) -> list[Example]:
    if not some:
        return []
    cosines = (np.stack([e.vector for e in some]) @ np.stack(list(vectors)).T).max(axis=1)
    return [some[place] for place in np.argsort(-cosines, kind="stable")]


def line(item: Item, longest: int = LONGEST_POST) -> str:
    """The words of an item on one line, so that no post can begin another."""
    return " ".join(f"{item.title} {item.text}".split())[:longest]


def asked(texts: Sequence[str], known: Examples) -> Prompt:
    """The prompt for a group of posts; they are numbered from 1."""
    return render(
        "judge",
        liked="\n".join(f"- {text}" for text in known.liked) or NONE,
        unwanted="\n".join(f"- {text}" for text in known.unwanted) or NONE,
        posts="\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1)),
        count=str(len(texts)),
    )


def held(opinions: Opinions, texts: Sequence[str], known: Examples) -> Answer:
    """What holds of an answer: the first opinion on each number that exists, with a reason only where it is borne out.

    Faults: invented numbers, repeated ones, missing ones, and reasons that were dropped.
    """
    answer = Answer()
    for opinion in opinions.posts:
        place = opinion.number - 1
        if not 0 <= place < len(texts):
            answer.faults["invented"] += 1
        elif place in answer.held:
            answer.faults["repeated"] += 1
        else:
            answer.held[place] = found = _held(opinion, texts[place], known)
            answer.faults["reasons dropped"] += not found.reason
    answer.faults["missing"] += len(texts) - len(answer.held)
    return answer


def _held(opinion: Opinion, text: str, known: Examples) -> Held:
    quote = original(opinion.quote, [text])
    if quote is None or gives_orders(quote):
        return Held(opinion.score)
    reason = " ".join(opinion.reason.split())
    open_to_all = (words for words in (*known.liked, *known.unwanted) if words not in known.private)
    against = reasons_against(reason, reason, [quote], [text, *open_to_all])
    return Held(opinion.score, "" if against else reason, quote)
