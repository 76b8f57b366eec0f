"""Logistic regression on sparse and dense columns, for several weighings of the same rows at once. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from agents.taste.views import Rows

Array = NDArray[np.float32]

_NEWTON_STEPS, _INNER_STEPS = 3, 5
_FREE = 1e-3  # what bounds the intercept


def regress(rows: Rows, labels: Array, weights: Array) -> tuple[Array, Array]:
    """Coefficients (d, k) and intercepts (k,) for k weighings ``weights`` (n, k) of rows with ``labels`` ±1 (n,).

    Each minimises ½|w|² + Σ weight · log(1 + exp(−label · f)) by Newton steps, each solved by conjugate gradients.
    """
    across = rows.signs.T.tocsr()
    count, width = weights.shape[1], rows.signs.shape[1] + rows.vectors.shape[1]
    bound = np.append(np.ones(width, np.float32), np.float32(_FREE))[:, None]
    sought = np.zeros((width + 1, count), np.float32)

    def along(w: Array) -> Array:
        return np.asarray(rows.dot(w[:-1]) + w[-1], np.float32)

    def back(r: Array) -> Array:
        return np.asarray(np.concatenate([across @ r, rows.vectors.T @ r, r.sum(0, keepdims=True)]), np.float32)

    def curved(bend: Array, w: Array) -> Array:
        return np.asarray(back(bend * along(w)) + bound * w, np.float32)

    wanted = labels[:, None].astype(np.float32)
    for _ in range(_NEWTON_STEPS):
        wrong = 1 / (1 + np.exp(np.clip(wanted * along(sought), -30, 30)))
        slope = back(weights * wanted * wrong) - bound * sought
        bend = weights * wrong * (1 - wrong)
        sought = sought + _solved(partial(curved, bend), slope)
    return sought[:-1], sought[-1]


def _solved(times: Callable[[Array], Array], right: Array) -> Array:
    """x with A x = right, for each column, by a few steps of conjugate gradients."""
    found, rest = np.zeros_like(right), right
    way, size = rest, (rest**2).sum(0)
    for _ in range(_INNER_STEPS):
        bent = times(way)
        step = size / np.maximum((way * bent).sum(0), 1e-12)
        found, rest = found + step * way, rest - step * bent
        size, before = (rest**2).sum(0), size
        way = rest + size / np.maximum(before, 1e-20) * way
    return found
