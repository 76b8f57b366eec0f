"""TASTE of a topic or an author: what is believed of it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.answering import Means
from agents.answering.borne import Told
from agents.answering.network import who
from agents.extract import shorten
from agents.interests import NAMED, matches
from agents.numbers import counted
from agents.taste import LIKES, Example, Post, Taste, beliefs, post_of
from agents.taste.beliefs import sure_of
from agents.taste.factors import FEEDBACK_POINTS, taste_points
from agents.taste.past import Past
from agents.telling import functional
from agents.words import words
from memory.records import Account, Item, Kind

Array = NDArray[np.float32]

LONGEST: Final = 60
"""Characters of a topic that are said again."""

COMMON: Final = 0.02
"""A function word of any language stands in such a share of the posts of whoever reads that language."""

MOST: Final = 3
"""Posts of each kind that are shown."""


def liking_of(means: Means, past: Past, taste: Taste, about: str) -> Iterator[Told]:
    """Of "@name" the author; of all else the topic, and the author who is called so, too."""
    with means.store.begin() as memory:
        account = memory.accounts.by_handle(about) if " " not in about else None
    if about.startswith("@"):
        yield from _author(means, taste, account) if account else (_nobody(about),)
        return
    if _says_nothing(about, [*past.items.values(), *past.others.values()]):
        yield Told(f"“{_short(about)}” stands in posts on anything, so it says nothing of a taste: name a topic.")
        return
    yield from _topic(means, past, taste, about)
    if account and not _own(means, taste, account) and _by(taste, account):
        called = who(means.accounts(), [account.uri])
        yield Told(f"The author {called} has {taste.author(account.uri):+.2f}: “/taste {called}”.", rank=4)
    name = _short(about)
    yield Told(f"“/more {name}” and “/less {name}” change that, and so does 👍 or 👎 to a post on it.")


def _short(about: str) -> str:
    return shorten(" ".join(about.split()), LONGEST)


def _nobody(about: str) -> Told:
    return Told(f"I know nobody, or more than one, called {_short(about)}: write “/taste @name@host”.")


def _says_nothing(about: str, posts: Sequence[Item]) -> bool:
    """Whether it is function words alone, and as common as these are: "war" is one in German."""
    sought = set(words(about))
    if not sought or about.isupper() or not all(map(functional, sought)):
        return False
    return sum(sought <= {*words(item.searchable)} for item in posts) >= COMMON * len(posts)


def _own(means: Means, taste: Taste, account: Account) -> bool:
    """Whether it is the owner's, also by another name in what was imported."""
    return account.uri == means.reading.owner_uri or any(
        e.kind is Kind.AUTHORED and e.item.author == account.uri for e in taste.examples
    )


def _author(means: Means, taste: Taste, account: Account) -> Iterator[Told]:
    name, theirs = who(means.accounts(), [account.uri]), _by(taste, account)
    if _own(means, taste, account):
        yield Told(f"{name} is your own account: what you write tells of your topics, which “/taste” shows.")
        return
    if not theirs:
        yield Told(f"You have neither liked nor disliked a post by {name} yet, so that counts neither way.")
    else:
        yield Told(f"{name} has {taste.author(account.uri):+.2f}, from -1 to +1: {_counted(means, theirs)}")
        yield from _shown(theirs)
    with means.store.begin() as memory:
        muted = any(rule.kind == "mute" and rule.key == account.uri for rule in memory.rules.active(means.now()))
    if muted:
        yield Told(f"Muted all the same: if you told me so, “/unmute {name}” ends that.", rank=1)
    else:
        yield Told(f"👍 or 👎 to a post by {name} changes that; “/mute {name}” ends it.")


def _by(taste: Taste, account: Account) -> list[Example]:
    """Reactions to what an account wrote, the weightiest first."""
    theirs = (e for e in taste.examples if e.item.author == account.uri)
    return sorted(theirs, key=lambda e: (-abs(e.worth), e.item.uri))


def _topic(means: Means, past: Past, taste: Taste, about: str) -> Iterator[Told]:
    topic, name = about.lower().lstrip("#") or about, _short(about)
    vector = means.reading.embedder.embed([about])[0]

    def on_it(item: Item, its: Array) -> float:
        text = " ".join((item.searchable, *item.tags))
        return matches({topic: 1.0}, {topic: vector}, text, its).get(topic, 0.0)

    near = [(on_it(e.item, e.vector), e) for e in taste.examples]
    near = sorted(
        (one for one in near if one[0] >= NAMED), key=lambda one: (-one[0], -abs(one[1].worth), one[1].item.uri)
    )
    felt = [e for _, e in near]
    if felt:
        yield Told(f"“{name}”: {_counted(means, felt)}")
    else:
        yield Told(f"You have neither liked nor disliked a post on “{name}” yet.")
    yield from _shown(felt)
    yield from _asked_for(means, topic)
    yield from _part_of(means, past, taste, topic)
    known = [i for i in past.passed_over if i.id in past.vectors]
    yield from _expected(taste, [post_of(i, v) for i in known if on_it(i, v := past.vectors[i.id]) >= NAMED])


def _expected(taste: Taste, posts: Sequence[Post]) -> Iterator[Told]:
    """What the taste gives posts on it that the owner has not reacted to."""
    if posts and taste.examples:
        said = taste.opinions(posts)
        points = sum(taste_points(one.likes) + FEEDBACK_POINTS * one.feedback for one in said) / len(said)
        many = f"{len(said)} others" if len(said) > 1 else "Another post"
        yield Told(
            f"{many} on it that came lately {'get' if len(said) > 1 else 'gets'} {points:+.1f} points for taste.", (), 3
        )


def _asked_for(means: Means, topic: str) -> Iterator[Told]:
    """What the owner has said about it."""

    def on_it(words: str) -> bool:
        return any(_named(one, other) for one, other in ((topic, words), (words, topic)))

    with means.store.begin() as memory:
        interests, rules = memory.rules.interests(), memory.rules.active(means.now())
    for wish, weight in interests.items():
        if on_it(wish):
            yield Told(f"You asked for {'more' if weight > 0 else 'less'} of “{wish}” ({weight:+.1f}).", rank=1)
    for rule in rules:
        if rule.kind == "word" and on_it(rule.key):
            yield Told(f"Posts with “{rule.key}” are muted: if you told me so, “/unmute {rule.key}” ends that.", rank=1)
    yield from (Told(f"You want it to be known: {fact.rstrip('.')}.", rank=2) for fact in means.facts() if on_it(fact))


def _named(topic: str, text: str) -> bool:
    """Whether a text names a topic, or what is made of it."""
    return bool(matches({topic.lower(): 1.0}, {}, text, np.zeros(0, np.float32)))


def _part_of(means: Means, past: Past, taste: Taste, topic: str) -> Iterator[Told]:
    """The larger topics that are named by it."""
    believed = beliefs(taste, past.passed_over, means.may_tell)
    for sign, topics in (("👍", believed.topics), ("👎", believed.unwanted)):
        for one in topics:
            if one.count > 1 and _named(topic, " ".join(one.words)):
                yield Told(
                    f"It is part of {sign} {', '.join(one.words)}: {one.count} posts, {one.sure:.0%} sure.", (), 4
                )


def _counted(means: Means, some: Sequence[Example]) -> str:
    liked, unwanted, own = _sorted(some)
    counts = (("liked", liked), ("wrote or answered", own), ("disliked", unwanted))
    parts = ", ".join(f"{did} {counted(len(kind), 'post')}" for did, kind in counts if kind)
    since = min((e.since for e in some if e.since is not None), default=None)
    when = f", since {means.day(since)}" if since else ""
    return f"you {' and '.join(parts.rsplit(', ', 1))}; {sure_of(some):.0%} sure{when}."


def _shown(some: Sequence[Example]) -> Iterator[Told]:
    for sign, kind, rank in zip(("👍", "👎", "✍"), _sorted(some), (1, 1, 2), strict=True):
        if kind:
            yield Told(sign, tuple(e.item for e in kind[:MOST]), rank)


def _sorted(some: Sequence[Example]) -> tuple[list[Example], list[Example], list[Example]]:
    """What was liked, what was disliked, and what is of the owner's own."""
    liked = [e for e in some if e.worth > 0 and e.kind in LIKES]
    own = [e for e in some if e.worth > 0 and e.kind not in LIKES]
    return liked, [e for e in some if e.worth < 0], own
