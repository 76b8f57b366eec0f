"""What a text shows on its surface, in any language: its words, and the runs of letters in them. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from agents.small_talk import FILLERS, GREETINGS, SPACELESS
from agents.vocabulary import FUNCTION_WORDS
from agents.words import CJK, words

STEM = 6
"""Letters of a word that count: a crude stem that serves many languages."""

GRAM = 4
"""Letters in a run; two of a script without spaces."""

UNSEEN_POSTS = 1000
"""As if so many posts had been read before: a word that is new to a short stream is still a rare word."""

FEWEST_WORDS = 3
"""Texts with fewer words that carry a meaning are never joined by it: greetings are alike and tell of nothing."""

_SIGNS_A_WORD = 4  # with what stands between words
_EMPTY = GREETINGS | FILLERS
_SIGN = re.compile(f"[{CJK}]")
_ENDING = re.compile("[\u3041-\u309f]+")  # of Japanese: what words end in and what stands between them
_ASIDE = re.compile(r"https?://\S+|[@#]\S+")


@dataclass(frozen=True)
class Surface:
    """The words and the runs of letters of a text, without function words, handles and links."""

    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of words, and pairs of signs of a script without spaces."""
        found = self.content
        spaced = {word[:STEM] for word in found if not _sign(word) and (len(word) > 1 or word.isdecimal())}
        pairs = {a + b for a, b in pairwise(found) if _sign(a) and _sign(b)}
        return frozenset(spaced | {pair for pair in pairs if not _ENDING.fullmatch(pair)})

    @cached_property
    def grams(self) -> frozenset[str]:
        """Runs of letters, over the borders of words too."""
        line = f" {' '.join(word for word in self.content if not _sign(word))} "
        runs = {line[place : place + GRAM] for place in range(len(line) - GRAM + 1)}
        return frozenset(runs | {word for word in self.words if _sign(word[0])})

    @cached_property
    def content(self) -> list[str]:
        """The words in their order, as they are."""
        found = (word.removesuffix("'s") for word in words(_ASIDE.sub(" ", self.text)))
        return [word for word in found if word not in FUNCTION_WORDS]

    @cached_property
    def tells(self) -> bool:
        """Whether it has words enough to tell of something; greetings have not."""
        plain = self if not SPACELESS.search(self.text) else Surface(SPACELESS.sub(" ", self.text))
        found = [word for word in plain.content if word not in _EMPTY]
        signs = sum(map(_sign, found))
        return len({word for word in found if len(word) > 1}) + signs // _SIGNS_A_WORD >= FEWEST_WORDS

    def likeness(self, other: Surface) -> float:
        """Cosine in [0, 1] of the two sets of runs."""
        both = len(self.grams & other.grams)
        return both / math.sqrt(len(self.grams) * len(other.grams)) if both else 0.0


@dataclass
class Rarity:
    """How much a word tells, learned from the stream itself: ln((posts + 1) / (posts with it + ½))."""

    posts: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def learn(self, seen: Iterable[str]) -> None:
        """One more post was read."""
        self.posts += 1
        self.counts.update(seen)

    def of(self, word: str) -> float:
        """In nats; 0 for a word that every post has."""
        return max(math.log((self.posts + UNSEEN_POSTS + 1) / (self.counts[word] + 0.5)), 0.0)

    def shared(self, one: Surface, other: Surface) -> float:
        """The rarity of all words that two texts have in common, in nats."""
        return sum(self.of(word) for word in one.words & other.words)


def _sign(word: str) -> bool:
    """Whether it is of a script without spaces, in which one sign is a word."""
    return len(word) == 1 and _SIGN.match(word) is not None
