"""Sentences with the items that bear them out, as an answer that numbers those from 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agents.answer import Answer, Claim, Understood
from memory.query import Hit
from memory.records import Item


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, what bears it out, best first, and how soon it is left out (``Claim.rank``)."""

    text: str
    items: tuple[Item, ...] = ()
    rank: int = 0


def answer(understood: Understood, told: Iterable[Told]) -> Answer:
    """They are told in this order."""
    told = list(told)
    items = {item.uri: item for one in told for item in one.items}
    number = {uri: place for place, uri in enumerate(items, 1)}
    claims = tuple(Claim(one.text, tuple(number[item.uri] for item in one.items), rank=one.rank) for one in told)
    return Answer(understood, claims, tuple(Hit(item, 1.0, ("reacted to",)) for item in items.values()))
