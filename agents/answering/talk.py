"""TALK: what people are saying about something, from shares: how many, who, and in their words."""

from __future__ import annotations

from agents.answer import Answer, Claim
from agents.answering import SHOWN, Means, Question
from agents.answering.finding import told_near
from agents.answering.network import Talk, sharers, silence, talk_of, who
from memory.query import Hit
from memory.records import How, Item

CARRIED = (How.BOOSTED, How.QUOTED, How.LINKED)
"""Ways of sharing what somebody else has written."""


def told_by_people(means: Means, question: Question) -> Answer:
    """How many people, who they are, and what they say: the posts that most people share first."""
    talk = talk_of(means, question)
    accounts = means.accounts()
    items = sorted(talk.items, key=lambda item: _rank(talk, item))[:SHOWN]
    hits = tuple(Hit(item, talk.about[item.uri], ("shares",)) for item in items)
    if not hits:
        nothing = silence(talk) or f"Nobody has shared anything{talk.on_it} {talk.when}."
        return Answer(question.understood, notes=(nothing,))
    people = sharers([share for shares in talk.shares.values() for share in shares])
    count = f"{len(people)} {'person has' if len(people) == 1 else 'people have'}"
    head = f"{count} shared {_posts(len(talk.items))}{talk.on_it} {talk.when}: {who(accounts, people)}."
    claims = [Claim(head, tuple(range(1, len(hits) + 1)))]
    for number, item in enumerate(items, 1):
        carried = [uri for uri in sharers(talk.shares[item.uri], *CARRIED) if uri != item.author]
        if carried:
            claims.append(Claim(f"Passed on by {who(accounts, carried)}.", (number,)))
    return Answer(question.understood, tuple(claims), told_near(means, question.understood.text, hits))


def _rank(talk: Talk, item: Item) -> tuple[float, float]:
    return -len(sharers(talk.shares[item.uri])) * talk.about[item.uri], -item.created_at.timestamp()


def _posts(count: int) -> str:
    return "one post" if count == 1 else f"{count} posts"
