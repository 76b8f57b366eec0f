"""What a digest is after, chosen by the owner: weights of factors, and how many entries explore. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRESETS: Final[Mapping[str, Mapping[str, float]]] = {
    "balanced": {},
    "friends": {"network": 1.5, "author": 1.5, "taste": 0.7, "burst": 0.5},
    "discussions": {"network": 1.2, "burst": 2.0, "surprise": 1.5, "grown": 2.0, "reply": 0.0, "taste": 0.7},
    "discovery": {"network": 0.7, "author": 0.5, "burst": 1.5},
}
"""By name: what the points of factors are multiplied by, where that is not 1."""

EVEN: Final = 0.5
"""The discovery that changes nothing."""

MOST_EXPLORING: Final = 0.5
"""Part of the entries that explore at most."""


def weights(preset: str, discovery: float) -> dict[str, float]:
    """The weights of factors. ``discovery`` in [0, 1] goes from what the owner is known to like to new ground.

    At 0 taste counts half as much more, at 1 half as much less.
    """
    chosen = PRESETS[preset]
    taste = chosen.get("taste", 1.0) * (1 + EVEN - discovery)
    return {**chosen, **({"taste": taste} if taste != 1 else {})}


def exploring(entries: int, explore: int, preset: str, discovery: float) -> int:
    """How many of the ``entries`` explore: none at a discovery of 0, ``explore`` at even, up to half of all at 1."""
    most = max(int(MOST_EXPLORING * entries), explore)
    even = min(2 * explore, most) if preset == "discovery" else explore
    if discovery <= EVEN:
        return round(even * discovery / EVEN)
    return even + round((most - even) * (discovery - EVEN) / (1 - EVEN))
