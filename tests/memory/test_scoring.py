"""Scores: what counts for a passage, and what does not reach over to another text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ModelError
from memory.clues import dated, named
from memory.full_text import prepared, terms
from memory.records import Account
from memory.scoring import WEIGHTS, Evidence, counted, inverse_frequency, scores
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, HashedWords, ShelfIndex, post

TALK = ["hello", "where is the key", "under the mat", "thanks", "bye"]


def evidence(texts: list[str], query: str, run: list[int] | None = None) -> Evidence:
    wanted = terms(query)
    counts, lengths = counted(wanted, [prepared(text) for text in texts])
    nothing = np.zeros(len(texts))
    idf = inverse_frequency([int(n) for n in (counts > 0).sum(axis=1)], len(texts))
    return Evidence(counts, idf, lengths, nothing, np.array(run or [0] * len(texts)), nothing, nothing)


def test_what_stands_next_to_the_words_is_better_than_what_stands_far_away() -> None:
    found = scores(evidence([*TALK, *["chatter"] * 30, "under the mat"], "key"))
    assert np.argmax(found) == 1
    assert found[2] > found[-1]


def test_what_follows_is_better_than_what_goes_before() -> None:
    found = scores(evidence(["yes it is so", "where is the key", "yes it is so"], "key"))
    assert found[2] > found[0]


def test_what_is_said_in_another_conversation_is_no_context() -> None:
    apart = scores(evidence(TALK, "key", [0, 1, 2, 3, 4]))
    assert apart[2] == pytest.approx(apart[0], abs=0.2)
    assert scores(evidence(TALK, "key"))[2] > apart[2] + 0.2


@pytest.mark.parametrize("clue", ["named", "dated", "near", "brief"])
def test_each_clue_lifts_what_it_speaks_for(clue: str) -> None:
    given = evidence(["one two three"] * 4, "something", [0, 1, 2, 3])
    lifted = scores(replace(given, **{clue: np.array([0, 0, 1.0, 0])}))
    assert np.argmax(lifted) == 2


@given(
    near=st.lists(st.floats(-1, 1), min_size=1, max_size=30),
    runs=st.lists(st.integers(0, 1), min_size=30, max_size=30),
)
def test_scores_are_numbers_whatever_is_given(near: list[float], runs: list[int]) -> None:
    given = evidence(["a word"] * len(near), "word", list(np.cumsum(runs[: len(near)])))
    assert np.isfinite(scores(replace(given, near=np.array(near)))).all()
    assert len(scores(evidence([], "word"))) == 0


def test_nothing_but_the_weights_decides() -> None:
    off = replace(
        WEIGHTS, **dict.fromkeys(("topic", "cover", "named", "dated", "long", "direct", "before", "after"), 0.0)
    )
    found = scores(evidence(TALK, "key", [0] * 5), replace(off, alone=0.0))
    assert (found[1], [found[place] for place in (0, 2, 3, 4)]) == (1.0, [0.0] * 4)


PEOPLE = {
    "a": Account("a", "ana@home.example", "Ana Rosa Lima"),
    "b": Account("b", "project.manager@home.example", "Project Manager"),
}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("What did Ana say about the project?", [1, 0]),
        ("what did ana rosa lima say", [1, 0]),
        ("What did the project manager think?", [0, 1]),
        ("Project costs?", [0, 0]),
        ("What of the banana?", [0, 0]),
        ("did @ana agree", [1, 0]),
    ],
)
def test_who_is_named_in_a_query(query: str, who: list[int]) -> None:
    assert named(query, ["a", "b"], PEOPLE).tolist() == who


def test_somebody_nobody_knows_is_not_named() -> None:
    assert named("Ana?", ["c"], PEOPLE).tolist() == [0]


@pytest.mark.parametrize(
    "query", ["When was it?", "Wann war das?", "Quand était-ce ?", "¿Cuándo fue?", "How long ago?"]
)
def test_when_is_answered_where_a_time_is_told(query: str) -> None:
    texts = [prepared("we met last Tuesday"), prepared("we met in the garden"), prepared("in 2019")]
    assert dated(query, texts).tolist() == [1, 0, 1]
    assert not dated("Who was it?", texts).any()


def test_a_model_that_reads_both_together_has_the_last_word(store: Store, tmp_path: Path) -> None:
    with store.begin() as memory:
        memory.items.keep(post("plain", "turnips"), NOW)
        memory.items.keep(post("best", "much about turnips and how to cook them"), NOW)

    def longest(query: str, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]

    archive = Archive(store, HashedWords(), ShelfIndex(), rerank=longest)
    assert [hit.item.uri for hit in archive.search("turnips", 1)] == [post("best").uri]


def test_search_goes_on_without_a_model_that_is_away(store: Store) -> None:
    with store.begin() as memory:
        memory.items.keep(post("plain", "turnips"), NOW)

    def away(query: str, texts: Sequence[str]) -> list[float]:
        raise ModelError("It is away.")

    archive = Archive(store, HashedWords(), ShelfIndex(), rerank=away)
    assert [hit.item.uri for hit in archive.search("turnips", 1)] == [post("plain").uri]
