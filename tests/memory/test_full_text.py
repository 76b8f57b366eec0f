"""Words for full text search: whatever is asked is a query, and scripts without blanks have words too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.full_text import MOST, match, parted, prepared, terms
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
def test_parting_only_adds_blanks(text: str) -> None:
    assert "".join(parted(text).split()) == "".join(text.split())


@given(text=st.text(max_size=80))
def test_every_word_is_prepared_whatever_it_is(text: str) -> None:
    words = [word for word in parted(text).replace("_", " ").split() if word.isalnum()]
    assert len(prepared(" ".join(words)).split()) >= len(words)


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("Die Häuser am Fluss", "de", "Haus"),
        ("Wir fuhren mit Zügen", "de", "zug"),
        ("les chevaux couraient", "fr", "courir"),
        ("las bibliotecas abiertas", "es", "biblioteca"),
        ("The children were running", "en", "run"),
        ("Она читала книги", "ru", "книга"),
        ("stories of a village", "", "story"),
    ],
)
def test_a_word_is_found_in_another_form_of_it(
    newcomer: Callable[[], Store], text: str, language: str, query: str
) -> None:
    store = newcomer()
    with store.begin() as memory:
        memory.items.keep(post("a", text, language=language), NOW)
        memory.items.keep(post("b", "something else"), NOW)
    assert found(Archive(store, HashedWords(), ShelfIndex()), query) == ["a"]


def test_a_phrase_is_found_only_as_it_stands(archive: Archive) -> None:
    assert found(archive, '"nach Wien"') == ["train"]
    assert found(archive, '"Wien nach"') == []


def test_a_beginning_is_found_with_a_star(archive: Archive) -> None:
    assert found(archive, "nachtz*") == ["train"]
    assert found(archive, "nachtz") == []


def expression(query: str, *ignored: str) -> list[str]:
    return [term.forms[0] for term in terms(query, ignored)]


def test_ignored_words_count_only_where_there_are_no_others() -> None:
    assert expression("how to get to Vienna", "how", "to", "get") == ["vienna"]
    assert expression("To be or not to be", "to", "be", "or", "not") == ["to", "be", "or", "not"]


def test_an_expression_has_each_phrase_once() -> None:
    assert expression("Rail rail 北京北京") == ["rail", "北 京", "京 北"]
    assert match(terms("rail 北京")) == '"rail" OR "北 京"'


def test_of_very_many_words_the_longest_are_looked_for() -> None:
    many = terms(" ".join(f"w{n}" for n in range(500)) + " extraordinary")
    assert len(many) == MOST
    assert many[-1].forms[0].startswith("extraordin")
