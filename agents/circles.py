"""Circles: accounts that share the same things and answer one another, and say less than as many strangers. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from agents.numbers import counted
from memory.records import Factor, Share

FEWEST_IN_COMMON = 3
"""Two accounts that have fewer things in common are strangers, however little they share."""

TIE = 0.3
"""Part of what two accounts share with anybody from which they are of one circle."""

MOST_SHARERS = 30
"""What more people share is everybody's, and ties nobody."""

ROUNDS = 10
POINTS = 2.4


def circles(shares: Iterable[Share]) -> dict[str, str]:
    """Account.uri → the name of its circle, for those that are in one, by the shares of the last weeks.

    Posting, boosting, quoting and answering the same item ties two accounts, and the fewer others do so, the more.
    Circles come from label propagation over ties (Raghavan et al., 2007), in a fixed order.
    """
    neighbours = ties(shares)
    labels = {account: account for account in neighbours}
    for _ in range(ROUNDS):
        before = dict(labels)
        for account in sorted(neighbours):
            votes: dict[str, float] = defaultdict(float)
            for other, strength in neighbours[account].items():
                votes[labels[other]] += strength
            labels[account] = min(votes, key=lambda label: (-votes[label], label != labels[account], label))
        if labels == before:
            break
    sizes = Counter(labels.values())
    return {account: label for account, label in labels.items() if sizes[label] > 1}


def ties(shares: Iterable[Share]) -> dict[str, dict[str, float]]:
    """Account → account → how much of what the two share they share with each other, in (0, 1]."""
    together: dict[str, set[str]] = defaultdict(set)
    for share in shares:
        together[share.item].add(share.account)
    common: Counter[tuple[str, str]] = Counter()
    weights: dict[tuple[str, str], float] = defaultdict(float)
    social: Counter[str] = Counter()
    for people in together.values():
        if 2 <= len(people) <= MOST_SHARERS:
            social.update(people)
            for pair in combinations(sorted(people), 2):
                common[pair] += 1
                weights[pair] += 1 / (len(people) - 1)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (one, other), count in common.items():
        strength = weights[one, other] / min(social[one], social[other])
        if count >= FEWEST_IN_COMMON and strength >= TIE:
            found[one][other] = found[other][one] = strength
    return dict(found)


def effective(voices: Mapping[str, float], circle_of: Mapping[str, str]) -> float:
    """How many strangers would say as much: of a circle the strongest voice counts whole, each next one half as much.

    ``voices``: Account.uri → its weight. One more voice never lowers it.
    """
    by_circle: dict[str, list[float]] = defaultdict(list)
    for account, weight in voices.items():
        by_circle[circle_of.get(account, account)].append(weight)
    return sum(
        weight * 0.5**rank
        for weights in by_circle.values()
        for rank, weight in enumerate(sorted(weights, reverse=True))
    )


def network(trust: Mapping[str, float], circle_of: Mapping[str, str]) -> Factor:
    """log₂(1 + Σ trust) over Account.uri → trust; of a circle each next voice counts half as much as the one before."""
    people = len(trust)
    friends = people - len({circle_of.get(uri, uri) for uri in trust})
    words = f"{counted(people, 'person', 'people')} you follow shared it"
    points = POINTS * math.log2(1 + effective(trust, circle_of))
    return Factor("network", people, points, f"{words}, some of them friends of each other" if friends else words)
