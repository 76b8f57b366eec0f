"""From scores to probabilities: Platt scaling with a prior, on scores given without knowing the post. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

EXPECTED_SLOPES = (1.5, 0.5)
"""Of a score by words and meaning, and of what is known beside them, whose kinds tell much the same."""

CONFIDENCE = 10.0
"""Likes after which an observed shift weighs as much as the expected one."""

STEADINESS = 100.0
"""The same for the slopes: one surprise among few likes is not to lower all that is believed of anything."""


@dataclass(frozen=True)
class Scale:
    """Log odds of a like = slopes · scores + shift, where the share ``rate`` of all posts is liked."""

    slopes: tuple[float, float]
    shift: float
    rate: float

    def odds(self, scores: Array) -> Array:
        """Log odds (n,) of scores (n, 2) as they would be if half of all posts were liked."""
        return np.asarray(scores @ np.array(self.slopes) + self.shift - _logit(self.rate), np.float32)

    def chances(self, odds: Array) -> Array:
        """Probabilities that the owner likes posts of these log odds, as often as such things are liked."""
        return np.asarray(1 / (1 + np.exp(-(odds + _logit(self.rate)))), np.float32)


def scaled(scores: Array, worths: Array, rate: float) -> Scale:
    """The scale on which ``scores`` (n, 2) are log odds of what is liked (worth > 0) against what was passed over (0).

    What was passed over weighs so much that ``rate`` of all are liked: it is there that chances have to be right.
    Minimises the logistic loss and ½ Σ trust · (sought − expected)²: without any scores it is what is expected.
    (Platt, 1999)
    """
    from scipy.optimize import minimize

    liked, rate = worths > 0, min(max(rate, 1e-3), 0.5)
    others = liked.sum() * (1 - rate) / rate / max((~liked).sum(), 1)
    weights = np.where(liked, worths * liked.sum() / max(worths.sum(), 1e-9), others)
    expected = np.array([*EXPECTED_SLOPES, _logit(rate)])
    trust = np.array([STEADINESS, STEADINESS, CONFIDENCE])
    seen, signs = np.column_stack([scores, np.ones(len(scores))]).astype(float), np.where(liked, 1.0, -1.0)

    def loss(sought: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins, away = signs * (seen @ sought), sought - expected
        wrong = weights * signs / (1 + np.exp(np.clip(margins, -30, 30)))
        value = weights @ np.logaddexp(0, -margins) + trust @ away**2 / 2
        return float(value), np.asarray(trust * away - seen.T @ wrong)

    sought = minimize(loss, expected, jac=True, method="BFGS").x
    words, beside, shift = sought.tolist()
    return Scale((max(words, 0.05), max(beside, 0.0)), shift, rate)


def _logit(rate: float) -> float:
    return float(np.log(rate / (1 - rate)))
