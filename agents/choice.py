"""The best of a ranking, varied, with something from new ground. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.ranking import Ranked

Array = NDArray[np.float32]

MOST_PER_AUTHOR = 2
SAMENESS = 6.0
TOPIC = 0.3
"""Cosine from which two stories are about related things."""


def choose(
    ranked: Sequence[Ranked], count: int, explore: int = 1, floor: float = 0.0, told: Sequence[Array] = ()
) -> list[Ranked]:
    """At most ``count`` of the best, spread over topics (maximal marginal relevance, Carbonell and Goldstein, 1998)
    and authors, the last ``explore`` of them from new ground. Nothing under ``floor`` points is told. ``told`` are
    vectors of what the last digests told: what is much like that has to be better, too.
    """
    rest = sorted((r for r in ranked if r.score > floor), key=_worth, reverse=True)
    usual: list[Ranked] = []
    fresh: list[Ranked] = []
    while rest and len(usual) + len(fresh) < count:
        exploring = len(usual) >= count - explore and len(fresh) < explore and any(map(_is_new_ground, rest))
        if exploring:
            among = sorted(filter(_is_new_ground, rest), key=_worth_exploring, reverse=True)
            best = _best(among, _worth_exploring, usual + fresh, told)
            fresh.append(Ranked(best.candidate, best.factors, explores=True))
        else:
            best = _best(rest, _worth, usual + fresh, told)
            usual.append(best)
        authors = Counter(r.candidate.lead.author for r in usual + fresh)
        rest = [r for r in rest if r is not best and authors[r.candidate.lead.author] < MOST_PER_AUTHOR]
    return usual + fresh


def _best(
    among: Sequence[Ranked], worth: Callable[[Ranked], float], chosen: Sequence[Ranked], told: Sequence[Array]
) -> Ranked:
    """Of some in the order of their worth the one with most left of it after what it loses for sameness."""
    best, most = among[0], -math.inf
    for r in among:
        if worth(r) <= most:  # nothing after it can have more left
            break
        left = worth(r) - _sameness(r, chosen, told)
        if left > most:
            best, most = r, left
    return best


def _worth(r: Ranked) -> float:
    return r.score


def _worth_exploring(r: Ranked) -> float:
    """What it may be worth at best, by an upper confidence bound of the taste: what is disliked for sure is not."""
    return r.score + r.factor("unsure").value


def _sameness(r: Ranked, chosen: Sequence[Ranked], told: Sequence[Array]) -> float:
    """Points lost for being like what is chosen already, or, half as many, like what was told before."""
    here = max((float(r.candidate.vector @ other.candidate.vector) for other in chosen), default=0.0)
    before = 0.0 if r.candidate.story.grown_by else max((float(r.candidate.vector @ v) for v in told), default=0.0)
    return SAMENESS * (max(here - TOPIC, 0.0) + 0.5 * max(before - TOPIC, 0.0))


def _is_new_ground(r: Ranked) -> bool:
    told_off = r.points("feedback") < 0 or r.points("wishes") < 0 or r.points("author") < 0
    plain = r.points("language") == 0 and r.points("bot") == 0 and r.points("substance") > -0.6
    familiar = r.factor("alike").value or r.points("wishes") > 0
    return plain and not told_off and not familiar and r.points("network") > 0
