"""Logistic regression on sparse and dense columns, for several weighings of the same rows at once. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.taste.views import Rows

Array = NDArray[np.float32]

_NEWTON_STEPS = 3
_INNER_STEPS, _OF_FEW, _FEW = 5, 15, 1000
"""Of few posts steps cost next to nothing, and one that ends too soon makes much of how sums were rounded."""

_FREE = 1e-3  # what bounds the intercept


def regress(rows: Rows, labels: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Coefficients (d, k), intercepts (k,), and what they give the rows themselves (n, k).

    They are for k weighings ``weights`` (n, k) of rows with ``labels`` ±1 (n,). Each minimises
    ½|w|² + Σ weight · log(1 + exp(−label · f)) by Newton steps, each solved by conjugate gradients.
    """
    across, down = rows.signs.T, rows.signs.tocsc()  # products by columns: half the time of those by rows
    count, width = weights.shape[1], rows.signs.shape[1] + rows.vectors.shape[1]
    bound = np.append(np.ones(width, np.float32), np.float32(_FREE))[:, None]
    sought, given = np.zeros((width + 1, count), np.float32), np.zeros((len(labels), count), np.float32)

    def along(w: Array) -> Array:
        return np.asarray(down @ w[: down.shape[1]] + rows.vectors @ w[down.shape[1] : -1] + w[-1], np.float32)

    def back(r: Array) -> Array:
        return np.asarray(np.concatenate([across @ r, rows.vectors.T @ r, r.sum(0, keepdims=True)]), np.float32)

    wanted = labels[:, None].astype(np.float32)
    for _ in range(_NEWTON_STEPS):
        wrong = 1 / (1 + np.exp(np.clip(wanted * given, -30, 30)))
        bend = weights * wrong * (1 - wrong)
        rest = back(weights * wanted * wrong) - bound * sought
        way, size = rest, _squares(rest, rest)
        for _ in range(_INNER_STEPS if len(labels) > _FEW else _OF_FEW):
            gives = along(way)
            bent = back(bend * gives) + bound * way
            step = size / np.maximum(_squares(way, bent), 1e-12)
            sought += step * way
            given += step * gives
            rest = rest - step * bent
            size, before = _squares(rest, rest), size
            way = rest + size / np.maximum(before, 1e-20) * way
    return sought[:-1], sought[-1], given


def _squares(one: Array, other: Array) -> Array:
    """Products of columns."""
    return np.asarray(np.einsum("ij,ij->j", one, other), np.float32)
