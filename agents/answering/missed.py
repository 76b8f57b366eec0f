"""MISSED: stories that the network discussed and the owner has not seen, or has only been told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.answer import Answer, Claim
from agents.answering import SHOWN, Means, Question
from agents.answering.finding import told_near
from agents.answering.network import Talk, sharers, silence, talk_of, who
from agents.novelty import Known, unseen
from agents.numbers import counted
from agents.stories import group, lead_of
from memory.query import Hit
from memory.records import Entry, Evidence, Seen, Story


@dataclass(frozen=True)
class _Missed:
    story: Story
    told: str  # the day of the digest that told it, in words, or nothing
    people: tuple[str, ...]
    strength: float


def missed(means: Means, question: Question) -> Answer:
    """The stories most people share first, each in the words of its lead, and whether a digest has told it."""
    talk = talk_of(means, question)
    items, vectors = means.reading.items([item.uri for item in talk.items])
    shares = [share for some in talk.shares.values() for share in some]
    stories = group(items, shares, vectors, frozenset(), frozenset(), None)
    every = sorted(_unknown(means, talk, stories), key=lambda one: (-one.strength, one.story.key))
    found = every[:SHOWN]
    if not found:
        nothing = silence(talk) or f"You have missed nothing{talk.on_it} {talk.when}."
        return Answer(question.understood, notes=(nothing,))
    by_uri, accounts = {item.uri: item for item in items}, means.accounts()
    leads = [lead_of([by_uri[uri] for uri in one.story.items if uri in by_uri], vectors) for one in found]
    count = f"{counted(len(every), 'story', 'stories')}{talk.on_it} {talk.when}"
    most = "; those that most people shared" if len(every) > len(found) else ""
    claims = [Claim(f"You may have missed {count}{most}:")]
    for number, one in enumerate(found, 1):
        told = f"; I told you on {one.told}" if one.told else ""
        claims.append(Claim(f"Shared by {who(accounts, one.people)}{told}.", (number,)))
    hits = [Hit(lead, one.strength, ("shares",)) for one, lead in zip(found, leads, strict=True)]
    return Answer(question.understood, tuple(claims), told_near(means, question.understood.text, hits))


def _unknown(means: Means, talk: Talk, stories: list[Story]) -> list[_Missed]:
    known, followed = means.reading.known(stories, talk.until), means.reading.followed()
    told = _told(means, talk)
    found = []
    for story in stories:
        digest = next((told[uri] for uri in story.items if uri in told), "")
        left = unseen(story, _but_told(known) if digest else known, followed)
        if left is not None:
            people = sharers([share for uri in story.items for share in talk.shares.get(uri, ())])
            strength = len(people) * max(talk.about.get(uri, 0.0) for uri in story.items)
            found.append(_Missed(story, digest, tuple(people), strength))
    return found


def _told(means: Means, talk: Talk) -> dict[str, str]:
    """Item.uri → the day of the digest that told it and drew no reaction of the owner's."""
    with means.store.begin() as memory:
        digests = memory.digests.since(talk.since)
        reacted = {reaction.item for reaction in memory.reactions.all()}

    def passed(entry: Entry) -> bool:
        return reacted.isdisjoint(entry.items)

    return {
        uri: means.day(digest.made_at) for digest in digests for e in digest.entries if passed(e) for uri in e.items
    }


def _but_told(known: Known) -> Known:
    """What is known besides that a digest has told it: to be told is not to have read."""
    parts = (known.items, known.links, known.threads)
    items, links, threads = ({key: _not_delivered(facts) for key, facts in part.items()} for part in parts)
    return replace(known, items=items, links=links, threads=threads, told=())


def _not_delivered(facts: Sequence[Seen]) -> list[Seen]:
    return [fact for fact in facts if fact.evidence is not Evidence.DELIVERED]
