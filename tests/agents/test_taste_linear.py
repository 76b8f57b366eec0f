"""The regression of the taste, and the two judges that it makes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from agents.taste.linear import regress
from agents.taste.model import heard
from agents.taste.views import Rows

CHANCE = np.random.default_rng(5)
SIGNS = CHANCE.normal(size=(60, 8)) * (CHANCE.random((60, 8)) < 0.4)
ROWS = Rows(csr_matrix(SIGNS.astype(np.float32)), CHANCE.normal(size=(60, 4)).astype(np.float32))
LABELS = np.where(SIGNS[:, 0] + ROWS.vectors[:, 0] + 0.3 * CHANCE.normal(size=60) > 0, 1, -1)
WEIGHTS = CHANCE.uniform(0.1, 1, size=(60, 2)).astype(np.float32)


def test_what_it_gives_the_rows_is_what_its_coefficients_give_them() -> None:
    weights, shifts, given = regress(ROWS, LABELS, WEIGHTS)
    assert np.allclose(given, ROWS.dot(weights) + shifts, atol=1e-4)


@pytest.mark.parametrize("weighing", [0, 1])
def test_no_step_from_where_it_ends_leads_further_down(weighing: int) -> None:
    weights, shifts, given = regress(ROWS, LABELS, WEIGHTS)
    wrong = WEIGHTS[:, weighing] * LABELS / (1 + np.exp(LABELS * given[:, weighing]))
    slope = np.hstack([SIGNS, ROWS.vectors]).T @ wrong - weights[:, weighing]
    assert np.abs(slope).max() < 0.05 and np.abs(weights).max() > 0.5
    assert abs(wrong.sum() - 1e-3 * shifts[weighing]) < 0.05


def test_the_bold_judge_is_heard_where_it_is_for_a_post_and_nowhere_else() -> None:
    cautious_then_bold = np.array([[0.5, -0.5, 2.0, -1.0], [0.5, -0.5, -3.0, 1.0]], np.float32)
    assert heard(cautious_then_bold).tolist() == [[2.5, -0.5], [0.5, 0.5]]
