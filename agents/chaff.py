"""What of the network is not worth searching or telling: greetings, one-word replies, giveaways, automated posts.

A logistic regression over a few features. Its weights begin as round numbers that any owner can agree with, and move,
as far as this owner's own reactions, deletions and passing over carry them: the default is the prior.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agents import words as said
from agents.small_talk import AUTOMATED, ENTER, FILLERS, GREETINGS, PRIZES, SENT_BY_ITSELF, SPACELESS
from memory.records import Account, Item, Kind, Reaction
from memory.store import Memory

Array = NDArray[np.float64]

DEFAULT: Final[Mapping[str, float]] = {
    "always": -4.0,
    "a greeting": 5.0,
    "a one-word reply": 3.0,
    "very short": 3.0,
    "no words": 6.0,
    "a giveaway": 10.0,
    "posted automatically": 3.0,
    "by a bot": 2.0,
    "said before by its author": 6.0,
    "a link, a picture or a poll": -3.0,
    "long": -3.0,
}
"""Log odds of each feature, which is in [0, 1] (but of what posts itself 2). Above 0 a post is laid aside."""

SAID_BEFORE: Final = list(DEFAULT).index("said before by its author")

FIRM: Final = 2.0
"""Precision of the prior: about so many clear cases move a weight by half of what they would move it alone."""

LONG: Final = 200  # characters
REPEATED: Final = 2  # earlier posts with the same words
EARLIER: Final = 20  # posts of an author that are looked at for that
LEARNT_FROM: Final = 500  # newest reactions
PASSED_AFTER: Final = timedelta(days=2)
REMEMBERED: Final = timedelta(days=60)
DELETED: Final = "chaff.deleted"  # the preference that counts what the owner has deleted, as features, without a word
MOST_AT_ONCE: Final = 20
"""Who deletes more posts at once means a topic or a person, not what posts are worth."""

_WORTH: Final = frozenset({Kind.LIKE, Kind.BOOST, Kind.BOOKMARK, Kind.REPLY, Kind.MORE, Kind.SAVE, Kind.TELL})
_UNWANTED: Final = frozenset({Kind.LESS, Kind.MUTE})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_UNSAID: Final = re.compile(r"https?://\S+|[@#]\S+")


def features(item: Item, bot: bool = False, repeats: int = 0) -> Array:
    """What is to be seen of a post, in the order of DEFAULT. ``repeats``: earlier posts of its author that say it."""
    text = _UNSAID.sub(" ", item.searchable)
    folded = said.fold(text)
    spoken = _WORD.findall(folded)
    count = max(len(spoken), sum(map(len, spoken)) // 3 if said.spaceless(text) else 0)
    short = {0: 1.0, 1: 1.0, 2: 0.6, 3: 0.3}.get(count, 0.0)
    carries = bool(item.links or item.media or item.poll or item.quotes or item.title)
    found = {
        "always": 1.0,
        "a greeting": _greeting(folded, spoken),
        "a one-word reply": short if item.reply_to else 0.0,
        "very short": short,
        "no words": float(not spoken),
        "a giveaway": float(bool(PRIZES.search(folded) and ENTER.search(said.fold(item.searchable)))),
        "posted automatically": 2.0 if SENT_BY_ITSELF.search(folded) else float(bool(AUTOMATED.search(folded))),
        "by a bot": float(bot),
        "said before by its author": min(repeats, REPEATED) / REPEATED,
        "a link, a picture or a poll": float(carries),
        "long": min(len(text.strip()) / LONG, 1.0),
    }
    return np.array([found[name] for name in DEFAULT])


def _greeting(folded: str, spoken: Sequence[str]) -> float:
    """How much more than half of its words greet, thank or wish well, in [0, 1]."""
    if not spoken or (not said.spaceless(folded) and GREETINGS.isdisjoint(spoken)):
        return 0.0
    if said.spaceless(folded):
        letters = "".join(spoken)
        share = sum(map(len, SPACELESS.findall(letters))) / len(letters)
    else:
        share = sum(word in GREETINGS or word in FILLERS for word in spoken) / len(spoken)
    return max(2 * share - 1, 0.0)


@dataclass(frozen=True)
class Sieve:
    """Says of a post why it is not worth searching or telling. ``owner`` is the owner's name@host."""

    owner: str = ""
    weights: Array = field(default_factory=lambda: _default())  # noqa: PLW0108 - it is defined below

    def why_not(self, memory: Memory, item: Item, author: Account | None = None) -> str:
        """The strongest reason to lay it aside; nothing for what is worth it.

        Only for posts of others: what the owner wrote, is spoken to in or has reacted to is always worth it.
        """
        if item.kind != "post" or self._of_the_owner(item, author):
            return ""
        row = features(item, bool(author and author.bot))
        if row @ self.weights + max(self.weights[SAID_BEFORE], 0.0) <= 0:
            return ""  # whatever its author has said before, which is looked up only where it matters
        row[SAID_BEFORE] = min(_repeats(memory, item), REPEATED) / REPEATED
        if row @ self.weights <= 0 or memory.reactions.of(item.uri):
            return ""
        pulls = dict(zip(DEFAULT, row * self.weights, strict=True))
        return max((name for name in DEFAULT if name != "always"), key=lambda name: pulls[name])

    def _of_the_owner(self, item: Item, author: Account | None) -> bool:
        spoken_to = {mention.lower().lstrip("@") for mention in item.mentions}
        mine = self.owner.lower()
        return mine in spoken_to or (author is not None and author.handle.lower() == mine)


@dataclass(frozen=True)
class Case:
    """A post, seen as features, of which the owner has shown what it is worth; ``weight`` is how plainly."""

    seen: Array
    chaff: bool
    weight: float = 1.0


def learnt(cases: Sequence[Case]) -> Array:
    """The weights that these cases and the default make: logistic regression with a Gaussian prior, in Newton steps."""
    prior = _default()
    if not cases:
        return prior
    rows = np.stack([case.seen for case in cases])
    truth = np.array([case.chaff for case in cases], float)
    heavy = np.array([case.weight for case in cases])
    weights = prior.copy()
    for _ in range(25):
        chances = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (heavy * (chances - truth)) + FIRM * (weights - prior)
        bend = (rows * (heavy * chances * (1 - chances))[:, None]).T @ rows + FIRM * np.eye(len(prior))
        stride = np.linalg.solve(bend, slope)
        weights = weights - stride
        if np.abs(stride).max() < 1e-6:
            break
    return weights


def sieve(memory: Memory, now: datetime) -> Sieve:
    """The sieve as it is by now: what was liked is no chaff; what was marked, deleted or passed over may be."""
    reactions = [reaction for reaction in memory.reactions.all() if reaction.at <= now]
    cases = [*_reacted(memory, reactions), *_passed_over(memory, reactions, now), *_deleted(memory)]
    return Sieve(memory.owner, learnt(cases))


def note_deleted(memory: Memory, deleted: Sequence[Item], at: datetime) -> None:
    """The owner deletes these posts of others: what is kept of them are counted features, none of their words."""
    others = [item for item in deleted if item.kind == "post" and not _own(memory, item)]
    if not others or len(others) > MOST_AT_ONCE:
        return
    counts: dict[str, int] = dict(memory.preferences.get(DELETED) or {})
    for item in others:
        key = " ".join(f"{value:.1f}" for value in features(item))
        counts[key] = counts.get(key, 0) + 1
    memory.preferences.choose(DELETED, counts, at)


def _own(memory: Memory, item: Item) -> bool:
    author = memory.accounts.get(item.author)
    return author is not None and author.handle.lower() == memory.owner.lower()


def _deleted(memory: Memory) -> list[Case]:
    kept: Any = memory.preferences.get(DELETED) or {}
    rows = ((np.array([float(value) for value in key.split()]), count) for key, count in kept.items())
    return [Case(row, chaff=True, weight=float(count)) for row, count in rows if len(row) == len(DEFAULT)]


def _reacted(memory: Memory, reactions: Sequence[Reaction]) -> list[Case]:
    latest = {r.item: r.kind in _WORTH for r in reactions if r.kind in _WORTH | _UNWANTED}
    newest = dict(list(latest.items())[-LEARNT_FROM:])
    found = memory.items.all(newest)
    return [
        Case(features(item), chaff=not newest[uri], weight=1.0 if newest[uri] else 0.5)
        for uri, item in found.items()
        if item.kind == "post"
    ]


def _passed_over(memory: Memory, reactions: Sequence[Reaction], now: datetime) -> list[Case]:
    """What was told and drew no reaction says little, each for itself."""
    told = [
        entry.lead
        for d in memory.digests.since(now - REMEMBERED)
        if d.made_at < now - PASSED_AFTER
        for entry in d.entries
    ]
    reacted = {reaction.item for reaction in reactions}
    passed = memory.items.all({uri for uri in told if uri and uri not in reacted})
    return [Case(features(item), chaff=True, weight=0.1) for item in passed.values() if item.kind == "post"]


def _repeats(memory: Memory, item: Item) -> int:
    """How many of the author's other posts say the same, whatever numbers stand in them."""
    words = _without_numbers(item.searchable)
    known = memory.chaff.said_by(item.author, EARLIER)
    return sum(uri != item.uri and _without_numbers(text) == words for uri, text in known.items())


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", " ".join(said.fold(text).split()))


def _default() -> Array:
    return np.array(list(DEFAULT.values()))
