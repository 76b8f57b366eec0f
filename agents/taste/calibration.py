"""From scores to probabilities: Platt scaling with a prior, on scores given without knowing the post. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

EXPECTED_SLOPE = 1.0
CONFIDENCE = 10.0
"""Likes after which what was observed weighs as much as what is expected."""

_STEPS = 20


@dataclass(frozen=True)
class Scale:
    """Log odds of a like = slope · score + shift, where the share ``rate`` of all posts is liked."""

    slope: float = EXPECTED_SLOPE
    shift: float = 0.0
    rate: float = 0.5

    def odds(self, scores: Array) -> Array:
        """Log odds as they would be if half of all posts were liked."""
        return np.asarray(self.slope * scores + self.shift - _logit(self.rate), np.float32)

    def chances(self, odds: Array) -> Array:
        """Probabilities that the owner likes posts of these log odds, as often as such things are liked."""
        return np.asarray(1 / (1 + np.exp(-(odds + _logit(self.rate)))), np.float32)


def scaled(scores: Array, worths: Array, rate: float) -> Scale:
    """The scale on which ``scores`` (n,) are log odds of what is liked (worth > 0) against what was passed over (0).

    What was passed over weighs so much that ``rate`` of all are liked: it is there that chances have to be right.
    Minimises the logistic loss and ½ · CONFIDENCE · ((slope − expected)² + (shift − log odds of the rate)²) by Newton
    steps. (Platt, 1999)
    """
    liked, rate = worths > 0, min(max(rate, 1e-3), 0.5)
    others = liked.sum() * (1 - rate) / rate / max((~liked).sum(), 1)
    weights = np.where(liked, worths * liked.sum() / max(worths.sum(), 1e-9), others)
    known = np.array([EXPECTED_SLOPE, _logit(rate)])
    sought, seen = known.copy(), np.stack([scores, np.ones_like(scores)], 1).astype(float)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(seen @ sought, -30, 30)))
        slope = seen.T @ (weights * (chance - liked)) + CONFIDENCE * (sought - known)
        bend = (seen.T * (weights * chance * (1 - chance))) @ seen + CONFIDENCE * np.eye(2)
        sought = sought - np.linalg.solve(bend, slope)
    return Scale(max(float(sought[0]), 0.05), float(sought[1]), rate)


def _logit(rate: float) -> float:
    return float(np.log(rate / (1 - rate)))


def calibration_error(chances: Array, liked: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: how far chance and share of likes are apart, over bins of as many posts each."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(p) * abs(chances[p].mean() - liked[p].mean()) for p in parts) / max(len(order), 1))
