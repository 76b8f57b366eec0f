"""Words for full text search: whatever is asked is a query, and scripts without blanks have words too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.full_text import match, prepared
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, HashedWords, ShelfIndex, post

POSTS = {
    "train": "Der Nachtzug nach Wien fährt wieder — endlich! #bahn",
    "beijing": "我昨天在北京坐高铁去上海",
    "tokyo": "東京の電車はいつも時間通りです",
    "seoul": "서울에서 부산까지 기차로 갑니다",
    "bangkok": "รถไฟกรุงเทพช้ามาก",
    "code": 'say "hello" AND NOT (goodbye) NEAR snake_case* C++',
    "rail": "Good news on rails and railways 🚆",
}


@pytest.fixture(scope="module")
def archive(newcomer: Callable[[], Store]) -> Archive:
    store = newcomer()
    with store.begin() as memory:
        for name, words in POSTS.items():
            memory.items.keep(post(name, words), NOW)
    return Archive(store, HashedWords(), ShelfIndex())


def found(archive: Archive, query: str) -> list[str]:
    numbers = archive.by_words(query, 10)
    with archive.store.begin() as memory:
        items = memory.items.by_id(numbers)
    return [items[number].uri.rsplit("/", 1)[-1] for number in numbers]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Nachtzug", "train"),
        ("nachtzug nach wien?", "train"),
        ("fahrt", "train"),
        ("railway", "rail"),
        ("rail 🚆", "rail"),
        ("北京", "beijing"),
        ("高铁", "beijing"),
        ("北京的高铁怎么样？", "beijing"),
        ("京", "tokyo"),
        ("電車", "tokyo"),
        ("JR電車", "tokyo"),
        ("기차", "seoul"),
        ("서울", "seoul"),
        ("กรุงเทพ", "bangkok"),
        ('"hello"', "code"),
        ("hello AND", "code"),
        ("snake_case", "code"),
        ("words:hello", "code"),
        ("(goodbye", "code"),
        ("c++", "code"),
    ],
)
def test_a_post_is_found_by_its_words(archive: Archive, query: str, first: str) -> None:
    assert first in found(archive, query)[:2]


@pytest.mark.parametrize("query", ["", "   ", "🚆", "???", '"', "* - ^ :", "\x00", "北海", "nothingofthekind"])
def test_what_has_no_words_here_finds_nothing(archive: Archive, query: str) -> None:
    assert found(archive, query) == []


def test_signs_that_only_stand_apart_do_not_match_as_a_word(archive: Archive) -> None:
    assert "beijing" not in found(archive, "北海")


@given(query=st.text(max_size=80) | st.from_regex(r'["()*^:+\-A-Z ]{1,30}', fullmatch=True))
def test_any_query_can_be_asked(archive: Archive, query: str) -> None:
    archive.by_words(query, 10)


def test_a_long_message_can_be_asked(archive: Archive) -> None:
    assert found(archive, " ".join(f"word{n}" for n in range(5000)) + " Nachtzug") == ["train"]


@given(text=st.text(max_size=80))
def test_preparing_only_adds_blanks(text: str) -> None:
    assert "".join(prepared(text).split()) == "".join(text.split())


def test_ignored_words_count_only_where_there_are_no_others() -> None:
    assert match("how to get to Vienna", {"how", "to", "get"}) == '"vienna"'
    assert match("To be or not to be", {"to", "be", "or", "not"}) == '"to" OR "be" OR "or" OR "not"'


def test_an_expression_has_each_phrase_once() -> None:
    assert match("Rail rail 北京北京") == '"rail" OR "北 京" OR "京 北"'
