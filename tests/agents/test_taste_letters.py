"""Texts as hashed words and runs of letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from agents.taste import letters
from agents.taste.letters import counted, forget_all


def shared(one: str, other: str, view: int = 0) -> float:
    rows = counted([one, other])[view]
    return float(rows[0].multiply(rows[1]).sum())


def test_a_text_has_its_words_and_their_pairs() -> None:
    words, _ = counted(["honey from bees"])
    assert words.sum() == 3  # honey, bees, and the two beside each other: "from" says nothing


@pytest.mark.parametrize(("one", "other"), [("Bees", "bees"), ("Bäume", "baume"), ("a\nbees", "bees")])
def test_letter_case_accents_and_lines_make_no_difference(one: str, other: str) -> None:
    assert shared(one, other) == 1


def test_words_that_begin_alike_share_runs_of_letters_only() -> None:
    assert shared("beekeeper", "beekeeping") == 0 < shared("beekeeper", "beekeeping", view=1)


def test_signs_without_spaces_are_words_of_their_own() -> None:
    assert shared("養蜂の本", "養蜂") == 3  # two signs, and the pair of them


def test_a_text_without_words_is_an_empty_row() -> None:
    words, runs = counted(["", "…!", "the"])
    assert words.shape[0] == runs.shape[0] == 3 and words.nnz == 0


def test_what_was_read_before_reads_the_same_in_any_company() -> None:
    forget_all()
    alone = counted(["bees on the roof"])
    together = counted(["trains", "bees on the roof", "soup"])
    for one, many in zip(alone, together, strict=True):
        assert np.array_equal(one.toarray()[0], many.toarray()[1])


def test_only_the_texts_that_were_asked_for_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_all()
    monkeypatch.setattr(letters, "MOST_KEPT", 3)
    read: list[str] = []
    count = letters._count

    def noted(texts: Sequence[str]) -> list[tuple[letters.Row, letters.Row]]:
        read.extend(texts)
        return count(texts)

    monkeypatch.setattr(letters, "_count", noted)
    counted(["bees", "soup", "trains"])
    counted(["bees", "rain", "bees"])
    assert read == ["bees", "soup", "trains", "rain"]
    words, _ = counted(["soup", "bees", "rain", "snow", "soup"])
    assert read[4:] == ["soup", "snow"]
    assert words.sum() == 5 and len(letters._kept) == 3
    forget_all()
