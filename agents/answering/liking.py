"""TASTE: what is believed that the owner likes, with the posts that it rests on. No model has a part in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from agents.answer import UNWANTED, Answer
from agents.answering import Means, Question
from agents.answering.borne import Told, answer
from agents.answering.liking_of import liking_of
from agents.answering.network import who
from agents.answering.oneself import wishes
from agents.numbers import counted
from agents.taste import FEWEST_LIKES, LIKES, Belief, Beliefs, Taste, Topic, beliefs
from memory.records import Account

MOST_LIKED: Final = 5
MOST_UNWANTED: Final = 3
MOST_AUTHORS: Final = (3, 2)  # liked, disliked
MOST_WORDS: Final = (6, 3)
EXAMPLES: Final = 2

INSTEAD: Final = "how many of those you follow share something, how new it is to you, and what you ask me for"
CORRECTED: Final = "To correct it: /more rail, /less football, /mute @name, or 👍 and 👎 to entries."
FURTHER: Final = "/taste rail says why; /forget drops a note, and “magpie forget” a post."


def liking(means: Means, question: Question) -> Answer:
    """What is believed in all, of what is not liked alone, or of the topic or author that is asked about."""
    past = means.reading.past(means.now())
    taste, about = past.taste(), question.understood.text.strip()
    if about not in ("", UNWANTED):
        return answer(question.understood, liking_of(means, past, taste, about))
    told = _unwanted if about else _all
    return answer(question.understood, told(means, beliefs(taste, past.passed_over, means.may_tell), taste))


def _all(means: Means, believed: Beliefs, taste: Taste) -> Iterator[Told]:
    accounts, interests = means.accounts(), _interests(means)
    yield Told(_ground(means, believed))
    yield from _topics(means, believed, taste)
    if believed.authors:
        yield Told(f"Authors (-1 to +1): {_authors(believed.authors, accounts)}.", rank=3)
    if believed.words:
        yield Told(f"Words (log odds): {_words(believed.words)}.", rank=6)
    if interests:
        yield Told(wishes(interests), rank=5)
    yield from (Told(f"You want it to be known: {fact.rstrip('.')}.", rank=7) for fact in means.facts())
    yield Told(FURTHER, rank=7)
    yield Told(CORRECTED)


def _unwanted(means: Means, believed: Beliefs, taste: Taste) -> Iterator[Told]:
    """The half of it that is not liked."""
    accounts = means.accounts()
    authors, words = ([b for b in some if b.leaning < 0] for some in (believed.authors, believed.words))
    less = {topic: weight for topic, weight in _interests(means).items() if weight < 0}
    with means.store.begin() as memory:
        muted = [rule.key for rule in memory.rules.active(means.now()) if rule.kind == "mute" and rule.key in accounts]
    if not (believed.dislikes or authors or less or muted):
        yield Told("I know of nothing yet that you do not like: 👎 to an entry, or a command, tells me.")
    elif believed.dislikes:
        since = min((e.since for e in taste.examples if e.worth < 0 and e.since), default=None)
        when = f", since {means.day(since)}" if since else ""
        yield Told(f"From {counted(believed.dislikes, 'post')} you did not like{when}:")
    for place, topic in enumerate(believed.unwanted[:MOST_LIKED]):
        yield _topic(means, "👎", topic, (1, 4, 8, 9, 10)[place])
    if authors:
        yield Told(f"Authors (-1 to +1): {_authors(authors, accounts)}.", rank=3)
    if words:
        yield Told(f"Words (log odds): {_words(words)}.", rank=6)
    if less:
        yield Told(wishes(less), rank=5)
    if muted:
        yield Told(f"Muted, here or on a server: {who(accounts, muted)}.", rank=7)
    yield Told(CORRECTED)


def _interests(means: Means) -> Mapping[str, float]:
    with means.store.begin() as memory:
        return memory.rules.interests()


def _ground(means: Means, believed: Beliefs) -> str:
    """What all of it rests on; where that is little, what is gone by instead."""
    if not believed.likes + believed.own + believed.dislikes:
        return (
            "I know of nothing yet that you like or dislike: a like, an emoji or an import begins it. "
            f"Until then I go by {INSTEAD}."
        )
    likes, own, dislikes = believed.likes, believed.own, believed.dislikes
    rests = f"From {likes} you liked, {own} of your own and {dislikes} you did not like"
    rests += f", since {means.day(believed.since)}" if believed.since else ""
    if likes + own < FEWEST_LIKES:
        return f"{rests}. That is too little to learn from: for now I go by {INSTEAD}."
    return f"{rests}:" if likes else f"{rests}. Without a like I also go by {INSTEAD}."


def _topics(means: Means, believed: Beliefs, taste: Taste) -> Iterator[Told]:
    """The strongest first, each with its examples; the first of both kinds are left out last."""
    ranks = (1, 4, 8, 9, 10)
    for place, topic in enumerate(believed.topics[:MOST_LIKED]):
        yield _topic(means, "👍", topic, ranks[place])
    if believed.likes and not believed.topics:
        liked = [e for e in reversed(taste.examples) if e.kind in LIKES and e.worth > 0]
        few = tuple(e.item for e in islice(liked, EXAMPLES))
        yield Told("👍 too little in common for a topic.", few, 1)
    for place, topic in enumerate(believed.unwanted[:MOST_UNWANTED]):
        yield _topic(means, "👎", topic, ranks[place] + 1)


def _topic(means: Means, sign: str, topic: Topic, rank: int) -> Told:
    when = f", since {_day(means, topic.since)}" if topic.since else ""
    words = ", ".join(topic.words)
    return Told(
        f"{sign} {words}: {counted(topic.count, 'post')}, {topic.sure:.0%} sure{when}.",
        tuple(example.item for example in topic.examples[:EXAMPLES]),
        rank,
    )


def _authors(believed: Sequence[Belief], accounts: Mapping[str, Account]) -> str:
    best = _best(believed, MOST_AUTHORS)
    return ", ".join(f"{who(accounts, [one.value])} {one.leaning:+.2f}" for one in best)


def _words(believed: Sequence[Belief]) -> str:
    return ", ".join(f"{one.value} {one.leaning:+.1f}" for one in _best(believed, MOST_WORDS))


def _best(believed: Sequence[Belief], most: tuple[int, int]) -> list[Belief]:
    """The strongest of what is liked, then of what is not."""
    liked, unwanted = ([b for b in believed if (b.leaning > 0) is wanted] for wanted in (True, False))
    return [*liked[: most[0]], *unwanted[: most[1]]]


def _day(means: Means, at: datetime) -> str:
    local = at.astimezone(means.zone)
    return f"{local.day} {local:%b %Y}"
