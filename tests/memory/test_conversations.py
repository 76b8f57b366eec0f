"""Turns of a conversation are found with what was said around them, and forgotten so, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from memory.index import bring_up_to_date
from memory.keeping.embedding import embed_missing
from memory.query import Filters
from memory.records import Item
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, HashedWords, ShelfIndex, account, post

SAID = [
    ("ann", "hello there"),
    ("bob", "where shall we meet on Sunday"),
    ("ann", "under the old clock"),
    ("bob", "fine with me"),
    ("ann", "bring the quokka"),
]


def turn(number: int, by: str, text: str, hours: int = 0) -> Item:
    at = NOW + timedelta(minutes=number, hours=hours)
    return post(f"turn{number}", text, by=by, at=at, kind="chat", reply_to="the chat")


def talk(store: Store) -> None:
    with store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob")])
        for number, (by, text) in enumerate(SAID):
            memory.items.keep(turn(number, by, text), NOW)
        memory.items.keep(turn(9, "bob", "much later", hours=12), NOW)


def told(store: Store) -> dict[str, str]:
    with store.begin() as memory:
        numbers = memory.vectors.missing("hashed words", 99)
        known = memory.items.by_id(memory.passages.items_of(numbers).values())
        return {passage.item.rsplit("/", 1)[-1]: words for passage, words in memory.passages.to_embed(numbers, known)}


def test_a_turn_is_embedded_with_who_said_it_and_what_was_said_next_to_it(store: Store) -> None:
    talk(store)
    assert told(store)["turn2"] == "bob: where shall we meet on Sunday\nann: under the old clock\nbob: fine with me"


def test_after_a_long_silence_another_conversation_begins(store: Store) -> None:
    talk(store)
    assert told(store)["turn9"] == "bob: much later"


def test_the_answer_is_found_by_the_words_of_the_question_before_it(store: Store) -> None:
    talk(store)
    embed_missing(store, HashedWords())
    archive = Archive(store, HashedWords(), ShelfIndex(), {"where", "did", "to", "on"})
    found = [hit.item.text for hit in archive.search("Where did Ann want to meet on Sunday?", 2)]
    assert "under the old clock" in found


@pytest.mark.parametrize("few", [0, 2000])
def test_context_is_found_in_a_large_archive_too_but_never_against_a_filter(
    newcomer: Callable[[], Store], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    store, index = newcomer(), ShelfIndex()
    talk(store)
    embed_missing(store, HashedWords())
    bring_up_to_date(store, index, "hashed words")
    monkeypatch.setattr("memory.search.FEW", few)
    archive = Archive(store, HashedWords(), index)
    assert "under the old clock" in [hit.item.text for hit in archive.search("Sunday", 5, pool=1)]
    anns = archive.search("Sunday", 9, Filters(people=frozenset({account("ann").uri})))
    assert {hit.item.author for hit in anns} == {account("ann").uri}


def test_when_a_turn_is_forgotten_its_words_leave_what_was_embedded_with_it(store: Store) -> None:
    talk(store)
    embed_missing(store, HashedWords())
    assert told(store) == {}
    with store.begin() as memory:
        memory.items.purge(turn(2, "", "").ref, NOW)
    assert told(store) == {
        "turn1": "ann: hello there\nbob: where shall we meet on Sunday\nbob: fine with me",
        "turn3": "bob: where shall we meet on Sunday\nbob: fine with me\nann: bring the quokka",
    }
