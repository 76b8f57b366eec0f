"""Stories → scores made of named factors, and their order. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agents.bursts import FEWEST_STRANGERS, Topics, bursting, surprise
from agents.circles import effective, network
from agents.interests import matches
from agents.numbers import counted
from agents.taste import Opinion, Post, Taste, factors, post_of
from memory.records import Account, Factor, How, Item, Share, Story

Array = NDArray[np.float32]

LONG_ENOUGH = 220  # characters


@dataclass(frozen=True)
class Candidate:
    """A story with what ranking has to know of it. ``vector`` is the unit mean of its texts."""

    story: Story
    lead: Item
    vector: Array
    words: str  # of all its items
    shares: Mapping[str, Share]  # Account.uri → first share, of all sharers but the owner
    novelty: float = 1.0

    @property
    def post(self) -> Post:
        """What the taste looks at: the words of all its items, what else is known of its lead."""
        return post_of(self.lead, self.vector, self.shares, self.words)


@dataclass(frozen=True)
class Circumstances:
    """What all candidates of a digest are judged by."""

    now: datetime
    taste: Taste
    accounts: Mapping[str, Account]
    rates: Mapping[str, float]  # shares a day
    interests: Mapping[str, float]
    topics: Mapping[str, Array]
    languages: frozenset[str]  # empty: unknown, all are fine
    standing: Mapping[str, str] = field(default_factory=dict)  # of the interests, those behind which a standing fact is
    weights: Mapping[str, float] = field(default_factory=dict)  # by which the points of factors are multiplied
    opinions: Mapping[str, Opinion] = field(default_factory=dict)  # of the taste, by Story.key: many are had at once
    circles: Mapping[str, str] = field(default_factory=dict)  # Account.uri → its circle of friends, if it is in one
    usually: Topics = field(default_factory=Topics)
    topic_rates: Mapping[str, float | None] = field(default_factory=dict)  # by Story.key: shares a day

    def opinion(self, c: Candidate) -> Opinion:
        """What the taste says of a candidate."""
        known = self.opinions.get(c.story.key)
        return self.taste.opinions([c.post])[0] if known is None else known

    def on(self, candidates: Sequence[Candidate]) -> Circumstances:
        """The same, with the taste's opinions of these candidates."""
        said = self.taste.opinions([c.post for c in candidates])
        return replace(self, opinions={c.story.key: one for c, one in zip(candidates, said, strict=True)})

    def among(self, candidates: Sequence[Candidate]) -> Circumstances:
        """The same, with what is usual for the topics of these candidates."""
        shared = [c for c in candidates if len(c.shares) >= FEWEST_STRANGERS]
        rates = self.usually.rates([c.vector for c in shared])
        return replace(self, topic_rates={c.story.key: rate for c, rate in zip(shared, rates, strict=True)})


@dataclass(frozen=True)
class Ranked:
    """A candidate with its factors."""

    candidate: Candidate
    factors: tuple[Factor, ...]
    explores: bool = False

    @cached_property
    def score(self) -> float:
        """The sum of all points."""
        return sum(factor.points for factor in self.factors)

    def factor(self, name: str) -> Factor:
        """One of the factors; one that says nothing when it is absent."""
        return next((factor for factor in self.factors if factor.name == name), Factor(name, 0.0, 0.0))

    def points(self, name: str) -> float:
        """The points of one factor, 0 when it is absent."""
        return self.factor(name).points


def followees(candidate: Candidate, accounts: Mapping[str, Account]) -> list[str]:
    """The followed people, no bots, who share it."""
    known = (accounts.get(uri) for uri in candidate.shares)
    return [account.uri for account in known if account is not None and account.followed and not account.bot]


def _network(c: Candidate, by: Circumstances) -> Factor:
    """By the trust in followees: 1 for a neutral one, 0.3 to 1.7 by affinity; a reply counts half."""

    def trust(uri: str) -> float:
        return (1 + 0.7 * by.taste.author(uri)) * (0.5 if c.shares[uri].how is How.REPLIED else 1)

    return network({uri: trust(uri) for uri in followees(c, by.accounts)}, by.circles)


def _surprise(c: Candidate, by: Circumstances) -> Factor:
    people = followees(c, by.accounts)
    return surprise([by.rates.get(uri, 0.0) for uri in people], [c.shares[uri].at for uri in people])


def _burst(c: Candidate, by: Circumstances) -> Factor:
    people = followees(c, by.accounts)
    strangers = effective(dict.fromkeys(people, 1.0), by.circles)
    return bursting(strangers, [c.shares[uri].at for uri in people], by.topic_rates.get(c.story.key))


def _taste(c: Candidate, by: Circumstances) -> Factor:
    return factors.liked(by.opinion(c))


def _unsure(c: Candidate, by: Circumstances) -> Factor:
    return factors.unsure(by.opinion(c))


def _feedback(c: Candidate, by: Circumstances) -> Factor:
    return factors.told(by.opinion(c))


def _alike(c: Candidate, by: Circumstances) -> Factor:
    return factors.alike(by.opinion(c))


def _author(c: Candidate, by: Circumstances) -> Factor:
    value = by.taste.author(c.lead.author)
    return Factor("author", value, 1.2 * value, "how you reacted to its author so far")


def _interests(c: Candidate, by: Circumstances) -> Factor:
    author = by.accounts.get(c.lead.author)
    text = " ".join((c.words, *c.story.links, author.handle if author else ""))
    found = matches(by.interests, by.topics, text, c.vector)
    parts = {topic: by.interests[topic] * strength for topic, strength in found.items()}
    wanted, unwanted = max([0.0, *parts.values()]), min([0.0, *parts.values()])
    asked = ", ".join(f"{'more' if parts[t] > 0 else 'less'} {t}" for t in parts if t not in by.standing)
    told = [f"you told me “{by.standing[topic]}”" for topic in parts if topic in by.standing]
    words = "; ".join(([f"you asked for {asked}"] if asked else []) + told)
    return Factor("wishes", wanted + unwanted, 1.2 * wanted + 5 * unwanted, words)


def _age(c: Candidate, by: Circumstances) -> Factor:
    latest = max((share.at for share in c.shares.values()), default=c.lead.created_at)
    hours = max((by.now - latest).total_seconds() / 3600, 0.0)
    return Factor("age", hours, -0.4 * hours / 24, f"{counted(round(hours), 'hour')} since it was last shared")


def _language(c: Candidate, by: Circumstances) -> Factor:
    foreign = bool(by.languages and c.lead.language and c.lead.language[:2] not in by.languages)
    return Factor("language", float(foreign), -1.5 * foreign, "not a language that you read" if foreign else "")


def _bot(c: Candidate, by: Circumstances) -> Factor:
    author = by.accounts.get(c.lead.author)
    bot = bool(author and author.bot)
    return Factor("bot", float(bot), -1.5 * bot, "written by a bot" if bot else "")


def _substance(c: Candidate, by: Circumstances) -> Factor:
    """Few words without a link or a picture seldom are worth a message of their own."""
    said = min(len(c.lead.searchable) / LONG_ENOUGH, 1.0)
    value = max(said, 0.7 if c.lead.canonical else 0.0, 0.5 if c.lead.media else 0.0)
    return Factor("substance", value, 2.0 * (value - 1), "it is short" if value < 1 else "")


def _answer(c: Candidate, by: Circumstances) -> Factor:
    loose = bool(c.lead.reply_to)
    return Factor("reply", float(loose), -0.8 * loose, "an answer out of a conversation" if loose else "")


def _novelty(c: Candidate, by: Circumstances) -> Factor:
    words = "you may have scrolled past it" if c.novelty < 1 else ""
    return Factor("unseen", c.novelty, 1.5 * math.log2(max(c.novelty, 0.05)), words)


def _grown(c: Candidate, by: Circumstances) -> Factor:
    more = c.story.grown_by
    words = f"{counted(more, 'more person', 'more people')} since it was told" if more else ""
    return Factor("grown", more, 0.3 * min(more, 5), words)


FACTORS: tuple[Callable[[Candidate, Circumstances], Factor], ...] = (
    _network,
    _surprise,
    _burst,
    _taste,
    _unsure,
    _alike,
    _feedback,
    _author,
    _interests,
    _age,
    _language,
    _bot,
    _substance,
    _answer,
    _novelty,
    _grown,
)
OF_TASTE = frozenset({_network, _taste, _unsure, _alike, _feedback, _author, _language})
"""Those that the owner's reactions have a part in."""


def rank(candidates: Sequence[Candidate], by: Circumstances) -> list[Ranked]:
    """All candidates with their factors, best first; a permutation of what came in."""
    by = by.on(candidates).among(candidates)
    return _sorted(Ranked(c, tuple(_weighed(factor(c, by), by) for factor in FACTORS)) for c in candidates)


def rank_anew(ranked: Iterable[Ranked], by: Circumstances) -> list[Ranked]:
    """The same candidates by another taste, all else being equal; what is no matter of taste stays as it was."""
    ranked = list(ranked)
    by = by.on([r.candidate for r in ranked])
    return _sorted(
        replace(
            r,
            factors=tuple(
                _weighed(factor(r.candidate, by), by) if factor in OF_TASTE else as_it_was
                for factor, as_it_was in zip(FACTORS, r.factors, strict=True)
            ),
        )
        for r in ranked
    )


def _weighed(factor: Factor, by: Circumstances) -> Factor:
    """A factor of the weight 0 has nothing to say on the order; one that is not named counts as it is."""
    weight = by.weights.get(factor.name, 1.0)
    return factor if weight == 1 else replace(factor, points=weight * factor.points)


def _sorted(ranked: Iterable[Ranked]) -> list[Ranked]:
    return sorted(ranked, key=lambda r: (-r.score, r.candidate.story.key))
