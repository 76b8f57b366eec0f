"""What a taste believes, to be shown: topics with examples, authors, words, how sure, since when. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.taste.examples import LIKES, Example
from agents.taste.naming import coherent, distinctive, frequencies, sayings
from agents.taste.posts import AUTHOR, Side, rows
from agents.taste.taste import Taste
from agents.words import words
from memory.records import Item

MOST_CLUSTERED = 1500  # of the likes, those that count most
APART = 0.65  # mean cosine distance from which posts are of two topics
FEWEST = 3  # posts of a topic
NAMED_BY = 3  # words
SHOWN = 3  # examples
WORDS = 50
LEAST = 0.05  # log odds of a word; less would be told as nought
PRIVATE = "posts for followers only"
"""What names a topic whose words stay where they are."""


@dataclass(frozen=True)
class Topic:
    """What many likes, or dislikes, have in common.

    ``share`` of all they are worth, in [0, 1]; ``sure``, in [0, 1).
    """

    words: tuple[str, ...]
    examples: tuple[Example, ...]  # the most central ones
    count: int
    share: float
    sure: float
    instants: tuple[datetime, ...] = ()  # of each reaction, oldest first

    @property
    def since(self) -> datetime | None:
        """When the first of them was reacted to."""
        return self.instants[0] if self.instants else None

    @property
    def latest(self) -> datetime | None:
        """When the last of them was reacted to."""
        return self.instants[-1] if self.instants else None


@dataclass(frozen=True)
class Belief:
    """A value and what is believed of it: ``leaning`` in (-1, 1) for an author, log odds for all else."""

    value: str
    leaning: float
    count: int
    since: datetime | None = None


@dataclass(frozen=True)
class Beliefs:
    """All that is believed, the strongest first. ``sure``, in [0, 1): how much of it rests on what was observed.

    ``likes`` are deeds that say so; ``own`` the posts and answers of one's own, which tell of topics, too.
    """

    topics: tuple[Topic, ...] = ()
    unwanted: tuple[Topic, ...] = ()  # the same of what was disliked
    authors: tuple[Belief, ...] = ()
    words: tuple[Belief, ...] = ()
    beside: tuple[tuple[Side, float], ...] = ()  # sites, tags, languages, forms, times, with log odds
    likes: int = 0
    own: int = 0
    dislikes: int = 0
    sure: float = 0.0
    since: datetime | None = None


@dataclass(frozen=True)
class _Lexicon:
    """The words ``of`` examples, by the URI of the item; those that ``tell`` what posts are about, and may be told.

    ``everywhere``: in how many of all posts that are known each word stands.
    """

    of: Mapping[str, frozenset[str]]
    tell: frozenset[str]
    everywhere: Counter[str]

    def named(self, items: Sequence[Item]) -> tuple[str, ...]:
        """What sets some of them apart, by words that tell what posts are about; by any others where there are none."""
        mine = frequencies(self.of[item.uri] for item in items)
        telling = {word: count for word, count in mine.items() if word in self.tell}
        return distinctive(telling, self.everywhere, NAMED_BY) or distinctive(mine, self.everywhere, NAMED_BY)


def beliefs(
    taste: Taste, passed_over: Sequence[Item] = (), may_tell: Callable[[Item], bool] = lambda item: True
) -> Beliefs:
    """What this taste believes; words are held against what was ``passed_over``, too.

    Topics are named by words of items that one ``may_tell``, and no others are among the words.
    """
    wanted = [e for e in taste.examples if e.worth > 0]
    likes = [e for e in wanted if e.kind in LIKES]
    disliked = [e for e in taste.examples if e.worth < 0]
    leanings = [(side, odds) for side, odds in taste.leanings().items() if side[0] != AUTHOR]
    others = sayings(passed_over)
    lexicon = _lexicon(taste.examples, others, may_tell)
    return Beliefs(
        topics=_topics(likes, lexicon, may_tell, FEWEST),
        unwanted=_topics(disliked, lexicon, may_tell, 1),
        authors=_authors(taste),
        words=_words(taste.examples, others, lexicon),
        beside=tuple(sorted(leanings, key=lambda pair: (-abs(pair[1]), pair[0]))),
        likes=len(likes),
        own=len(wanted) - len(likes),
        dislikes=len(taste.examples) - len(wanted),
        sure=sure_of(taste.examples),
        since=_since(taste.examples),
    )


def _lexicon(
    examples: Sequence[Example], others: Sequence[frozenset[str]], may_tell: Callable[[Item], bool]
) -> _Lexicon:
    said = sayings(e.item for e in examples)
    of = {e.item.uri: its for e, its in zip(examples, said, strict=True)}
    told = frozenset().union(*(of[e.item.uri] for e in examples if may_tell(e.item)))
    telling = coherent(said, rows([e.post for e in examples]), 1 - APART)
    return _Lexicon(of, telling & told, frequencies([*said, *others]))


def _topics(
    some: Sequence[Example], lexicon: _Lexicon, may_tell: Callable[[Item], bool], fewest: int
) -> tuple[Topic, ...]:
    """Clusters by their mean cosine, each of ``fewest`` or more and named by the words that set it apart."""
    strongest = sorted(some, key=lambda e: (-abs(e.worth), e.item.uri))[:MOST_CLUSTERED]
    if len(strongest) < fewest:
        return ()
    vectors = rows([e.post for e in strongest])
    labels, total = _labels(vectors), math.fsum(abs(e.worth) for e in strongest)
    found = []
    for label in range(int(labels.max(initial=-1)) + 1):
        mine = [strongest[place] for place in np.flatnonzero(labels == label)]
        if len(mine) >= fewest:
            central = np.argsort(-(vectors[labels == label] @ vectors[labels == label].mean(0)), kind="stable")
            told = [item for place in central if may_tell(item := mine[place].item)]
            found.append(_topic([mine[place] for place in central], lexicon.named(told) or _title(told), total))
    return tuple(sorted(found, key=lambda topic: (-topic.share, topic.words)))


def _labels(vectors: NDArray[np.float32]) -> NDArray[np.intp]:
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.intp)
    from sklearn.cluster import AgglomerativeClustering

    clusters = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=APART)
    return np.asarray(clusters.fit(vectors).labels_, np.intp)


def _topic(mine: Sequence[Example], named: tuple[str, ...], total: float) -> Topic:
    """Of the examples, the most central ones first."""
    return Topic(
        named,
        tuple(mine[:SHOWN]),
        len(mine),
        math.fsum(abs(e.worth) for e in mine) / total,
        sure_of(mine),
        tuple(sorted(e.since for e in mine if e.since is not None)),
    )


def _title(items: Sequence[Item]) -> tuple[str, ...]:
    """What names a topic that no words set apart: how the first, its most central post, begins."""
    first = next(iter(items), None)
    if first is None:
        return (PRIVATE,)
    return (f"{' '.join((first.warning or first.title or first.text).split()[:NAMED_BY]).rstrip('.,:;!?–—-…')}…",)


def _authors(taste: Taste) -> tuple[Belief, ...]:
    felt: dict[str, list[Example]] = defaultdict(list)
    for e in taste.examples:
        felt[e.item.author].append(e)
    found = [Belief(uri, leaning, len(felt[uri]), _since(felt[uri])) for uri, leaning in taste.authors.items()]
    return tuple(sorted(found, key=lambda belief: (-abs(belief.leaning), belief.value)))


def _words(examples: Sequence[Example], others: Sequence[frozenset[str]], lexicon: _Lexicon) -> tuple[Belief, ...]:
    """Words by how much more often they stand in what was liked than in all else, the most telling ones."""
    felt, liked = (frequencies(lexicon.of[e.item.uri] for e in examples if e.worth > least) for least in (-math.inf, 0))
    many = sum(e.worth > 0 for e in examples)
    rest = len(examples) - many + len(others)

    def odds(word: str) -> float:
        """Of being liked, against as many as would be if likes and all else said it equally often; none by nothing."""
        usual = lexicon.everywhere[word] / (many + rest)
        more = math.log((liked[word] + 1) / (many * usual + 1))
        return more - math.log((lexicon.everywhere[word] - liked[word] + 1) / (rest * usual + 1))

    leaning = {word: odds(word) for word, count in felt.items() if count > 1 and word in lexicon.tell}
    best = sorted((w for w in leaning if abs(leaning[w]) >= LEAST), key=lambda w: (-abs(leaning[w]), w))[:WORDS]
    since = _first(examples, frozenset(best))
    return tuple(Belief(w, leaning[w], felt[w], since.get(w)) for w in best)


def _first(examples: Sequence[Example], sought: frozenset[str]) -> dict[str, datetime]:
    """When a post with each of these words was first reacted to."""
    found: dict[str, datetime] = {}
    for e in examples:
        if e.since is not None:
            for word in sought.intersection({*words(e.item.searchable), *e.item.tags}):
                found[word] = min(found.get(word, e.since), e.since)
    return found


def _since(some: Sequence[Example]) -> datetime | None:
    return min((e.since for e in some if e.since is not None), default=None)


def sure_of(some: Sequence[Example]) -> float:
    """Of a belief that rests on these, in [0, 1), the part that is observed rather than expected."""
    worth = math.fsum(abs(e.worth) for e in some)
    return worth / (worth + 5)
