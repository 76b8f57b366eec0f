"""How surprising it is that something is shared now: against what its sharers usually do, and its topic. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.numbers import counted
from memory.records import Factor, Share

Array = NDArray[np.float32]

FEWEST_HOURS = 6.0
"""Shares that follow upon each other faster are not more of a surprise for that."""

SAME_TOPIC = 0.45
"""Cosine from which two posts are on one topic (all-MiniLM-L6-v2)."""

FEWEST_STRANGERS = 2
CLEAR = 10.0
"""Nats from which a burst gives all its points."""

QUIET_POINTS = 0.8
BURST_POINTS = 0.6
FEWEST_DAYS = 1.0
"""Of fewer days before nothing can be said of what is usual."""


@dataclass(frozen=True)
class Topics:
    """What was shared in the weeks before: ``vectors`` (n, dim) of items, ``sharers`` (n,) of each, over ``days``."""

    vectors: Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    sharers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    days: float = 0.0

    def rates(self, vectors: Sequence[Array]) -> list[float | None]:
        """How often a day things like these are shared, as if once more; None where the time before is not known."""
        if self.days < FEWEST_DAYS or not len(self.vectors) or not len(vectors):
            return [None] * len(vectors)
        alike = np.stack(vectors) @ self.vectors.T >= SAME_TOPIC
        return [float(rate) for rate in (1 + alike @ self.sharers) / max(self.days, 1.0)]


def topics(items: Mapping[str, int], vectors: Mapping[int, Array], shares: Iterable[Share], days: float) -> Topics:
    """Of items (URI → number) that were shared in so many days."""
    counts: dict[str, int] = {}
    for share in shares:
        counts[share.item] = counts.get(share.item, 0) + 1
    known = [uri for uri in items if items[uri] in vectors and uri in counts]
    if not known:
        return Topics(days=days)
    rows = np.stack([vectors[items[uri]] for uri in known])
    return Topics(rows, np.array([counts[uri] for uri in known], np.float64), days)


def hours_of(times: Sequence[datetime]) -> float:
    """In how many hours all of this happened, at least FEWEST_HOURS."""
    span = (max(times) - min(times)).total_seconds() / 3600 if times else 0.0
    return max(span, FEWEST_HOURS)


def unusual(rates: Iterable[float], hours: float) -> float:
    """In [0, 1]: how unlikely it is that each of these accounts shares anything within so many hours.

    ``rates`` are shares a day, taken as Poisson processes. Who seldom speaks has something to say.
    """
    return 1.0 - math.prod(-math.expm1(-rate * hours / 24) for rate in rates)


def burst(sharers: int, hours: float, rate: float) -> float:
    """-ln P(at least so many shares within so many hours), where ``rate`` a day is usual (Poisson); 0 for none.

    The chance of that is the regularised lower incomplete gamma function.
    """
    if sharers <= 0:
        return 0.0
    from scipy.special import gammainc

    expected = rate * hours / 24
    if sharers <= expected:
        return 0.0
    return -math.log(max(float(gammainc(sharers, expected)), sys.float_info.min))


def surprise(rates: Sequence[float], times: Sequence[datetime]) -> Factor:
    """The factor of ``unusual``, for sharers with these rates who shared it at these times."""
    value = unusual(rates, hours_of(times)) if rates else 0.0
    words = f"the quietest of them shares {min(rates):.1f} posts a day" if rates else ""
    return Factor("surprise", value, QUIET_POINTS * value, words)


def bursting(strangers: float, times: Sequence[datetime], rate: float | None) -> Factor:
    """The factor of ``burst``: as many as so many strangers (agents.circles) shared it, on a topic with this rate."""
    if rate is None or strangers < FEWEST_STRANGERS:
        return Factor("burst", 0.0, 0.0)
    hours = hours_of(times)
    value = burst(int(strangers), hours, rate)
    people = f"{len(times)} people in {counted(round(hours), 'hour')}"
    words = f"{people}, where its topic usually has {rate:.1f} shares a day"
    return Factor("burst", value, BURST_POINTS * min(value / CLEAR, 1.0), words if value > 1 else "")
