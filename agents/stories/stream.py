"""A stream of texts that are put into stories one by one: each joins where that is more likely than not. Pure.

The odds that two texts tell the same are a logistic regression on four measures of a pair (docs/decisions/0008).
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from agents.stories.surface import Rarity
from agents.stories.table import Strand, Table

MEANING, LETTERS, WORDS, BETWEEN, START = 14.6, 4.6, 0.08, 1.3, 2.1
"""Log odds for a cosine above what is usual, for like letters, for a nat of words in common; against, for what lies
between; and to begin with."""

SOON = 10
"""So many texts between two make little difference."""

SAME_MEANING = 0.6
"""Cosine (all-MiniLM-L6-v2) from which two texts with hardly a word in common can be the same story."""

LITTLE = 0.8
"""Log odds by words and letters that come about by chance."""

SAME_TEXT = 0.85
"""Cosine from which a new text counts as one that was told before."""

EVEN = 0.0
"""Log odds from which two things are one story."""

NARROW = -2.0
"""Log odds from which a story that a text did not join is looked at again."""

SURFACE = 4.0
"""Log odds that words and letters seldom exceed: what they could not save is not looked at."""

MOST_COMPARED = 16
"""So many texts of a story are compared with another."""

RECENT, RAREST, IN_WORDS = 50, 8, 8
"""Of its rarest words, of the last texts with each, and of those that share most: so many are looked at."""


@dataclass
class Stream:
    """Strands in stories. A story is known by the number of the strand that began it, whatever joins it later."""

    strands: list[Strand] = field(default_factory=list)
    stories: dict[int, list[int]] = field(default_factory=dict)  # story → its strands
    misses: list[list[int]] = field(default_factory=list)  # strand → those that began stories it nearly joined
    rarity: Rarity = field(default_factory=Rarity)
    _labels: list[int] = field(default_factory=list)  # by strand
    _table: Table = field(default_factory=Table)
    _times: list[float] = field(default_factory=list)
    _alike: dict[tuple[int, int], float] = field(default_factory=dict)  # of two strands, until more is learnt of words
    _bearers: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=RECENT)))

    def extend(self, strands: Sequence[Strand]) -> None:
        """Put strands in, one after another, with what is usual for each known beforehand."""
        self._table.survey(strands)
        for strand in strands:
            self._join(strand)

    def add(self, strand: Strand) -> int:
        """Put one more strand in and return its story."""
        self._table.survey([strand])
        return self._join(strand)

    def _join(self, strand: Strand) -> int:
        number = len(self.strands)
        self._keep(strand)
        promising = self._promising(number).items()
        found = {story: self._odds([number], list(above), [list(above.values())]) for story, above in promising}
        self.misses.append([story for story, odds in found.items() if odds > NARROW])
        best = max(found, key=lambda story: (found[story], -story), default=number)
        story = best if found.get(best, EVEN) > EVEN else number
        self._labels.append(story)
        self.stories.setdefault(story, []).append(number)
        self._index(number)
        return story

    def story_of(self, strand: int) -> int:
        """The story that a strand belongs to."""
        return self._labels[strand]

    def move(self, strands: Sequence[int], story: int) -> None:
        """Put strands into another story; one that is empty then is gone."""
        for strand in strands:
            left = self.stories[self._labels[strand]]
            left.remove(strand)
            if not left:
                del self.stories[self._labels[strand]]
            self._labels[strand] = story
            insort(self.stories.setdefault(story, []), strand)

    def odds(self, some: Sequence[int], others: Sequence[int]) -> float:
        """Log odds that some strands and others tell the same: half by the most alike, half by all on average."""
        return self._odds(some, others, self._table.above(some, others).tolist())

    def _odds(self, some: Sequence[int], others: Sequence[int], above: Sequence[Sequence[float]]) -> float:
        if self._apart(some, others):
            return -math.inf
        surface = [[self._surface(one, other) for other in others] for one in some]
        if max(map(max, surface)) < LITTLE and self._table.nearest(some, others) < SAME_MEANING:
            return -math.inf
        both = zip(above, surface, strict=True)
        pairs = [near * MEANING + START + alike for row, its in both for near, alike in zip(row, its, strict=True)]
        here, there = self._places(some), self._places(others)
        between = min(abs(place - other) for place in here for other in there)
        return (max(pairs) + sum(pairs) / len(pairs)) / 2 - _distance(between)

    def _places(self, strands: Sequence[int]) -> list[int]:
        return [bisect_left(self._times, self.strands[strand].at) for strand in strands]

    def _surface(self, one: int, other: int) -> float:
        pair = (one, other) if one < other else (other, one)
        if pair not in self._alike:
            a, b = self.strands[one].surface, self.strands[other].surface
            self._alike[pair] = LETTERS * a.likeness(b) + WORDS * self.rarity.shared(a, b)
        return self._alike[pair]

    def _apart(self, some: Sequence[int], others: Sequence[int]) -> bool:
        """Whether one was told and the other is news, and the two do not say the same."""
        all_of = [self.strands[number] for number in (*some, *others)]
        if not (any(strand.old for strand in all_of) and any(strand.new for strand in all_of)):
            return False
        return self._table.cosine_of_sums(some, others) < SAME_TEXT

    def _promising(self, number: int) -> dict[int, dict[int, float]]:
        """Stories which words and letters might make likely: those of their strands that are compared, and how far the
        cosines to these are above what is usual.
        """
        stories = sorted({self._labels[other] for other in (*self._table.near[number], *self._in_words(number))})
        members = [member for story in stories for member in self.stories[story]]
        above = dict(zip(members, self._table.above([number], members)[0].tolist(), strict=True))
        place = dict(zip(members, self._places(members), strict=True))
        here, found = self._places([number])[0], {}
        for story in stories:
            of_it = self.stories[story]
            best = sorted(of_it, key=above.__getitem__)[-MOST_COMPARED:] if len(of_it) > 1 else of_it
            between = abs(here - place[best[0]]) if len(best) == 1 else min(abs(here - place[other]) for other in best)
            if above[best[-1]] * MEANING + START + SURFACE - _distance(between) > NARROW:
                found[story] = {other: above[other] for other in best}
        return found

    def _in_words(self, number: int) -> list[int]:
        """The strands that have the rarest words in common with this one."""
        words = self.strands[number].surface.words
        rarest = sorted(words, key=lambda word: (self.rarity.counts[word], word))[:RAREST]
        worth: dict[int, float] = defaultdict(float)
        for word in rarest:
            rare = self.rarity.of(word)
            for bearer in self._bearers.get(word, ()):
                worth[bearer] += rare
        return [bearer for _, bearer in nlargest(IN_WORDS, zip(worth.values(), worth, strict=True))]

    def _keep(self, strand: Strand) -> None:
        self.strands.append(strand)
        insort(self._times, strand.at)
        self.rarity.learn(strand.surface.words)
        self._alike.clear()

    def _index(self, number: int) -> None:
        for word in self.strands[number].surface.words:
            self._bearers[word].append(number)


def _distance(between: int) -> float:
    """What it costs that so many texts lie between two; the more of those, the less likely is any one of them."""
    return BETWEEN * math.log(SOON + between)
