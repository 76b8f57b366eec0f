"""Cutting: what goes in comes out, sign for sign, and each passage is one that an embedding model reads whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.chunking import WINDOW, cut, weight
from memory.embedding import SentenceEmbedder
from memory.store import Store
from tests.fakes import NOW, post

PARAGRAPH = "The sleeper to Vienna runs again from December. Couchettes are new, and breakfast is served at six.\n"
TEXTS = {
    "prose": PARAGRAPH * 40,
    "one endless word": "a" * 5000,
    "no blanks": "我昨天在北京坐高铁去上海" * 200,
    "syllables": "서울에서부산까지" * 200,
    "only blanks": "\n" * 3000 + " " * 3000,
    "signs": "😀🏽‍🚀" * 500,
    "a list of links": "https://news.example/a?b=c&d=e " * 200,
    "other letters": "Прямо сейчас мы едем поездом в Вену. " * 60,
    "stacked accents": "Z̸̡̢̨͎͎͚͓̜̣͙̳͖̺͔͎̰͍̪̻̗͔̮" * 80,
    "nulls": "\x00\x1f\u2028\u202e" * 800,
    "numbers": "3.14159265 " * 400,
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_sign_of_a_text_is_lost_or_said_twice(name: str) -> None:
    text = TEXTS[name]
    cuts = cut(text, "A title")
    assert [one.begin for one in cuts] == [0, *(one.end for one in cuts[:-1])]
    assert "".join(text[one.begin : one.end] for one in cuts) == text


@given(text=st.lists(st.text(max_size=40) | st.just(PARAGRAPH) | st.just("# Heading\n\n"), max_size=60).map("".join))
def test_that_holds_for_any_text(text: str) -> None:
    cuts = cut(text)
    assert "".join(text[one.begin : one.end] for one in cuts) == text
    assert all(weight(text[one.begin : one.end]) <= WINDOW for one in cuts)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "stacked accents"])
def test_the_model_that_is_shipped_reads_each_passage_to_its_end(minilm: SentenceEmbedder, name: str) -> None:
    read = minilm._model.tokenizer
    for one in cut(TEXTS[name], "A title"):
        assert len(read(f"{one.context}\n{TEXTS[name][one.begin : one.end]}")["input_ids"]) <= minilm.max_tokens


def test_a_short_text_is_one_passage_without_context() -> None:
    (one,) = cut("Title\nA short post.", "Title")
    assert (one.begin, one.end, one.context) == (0, 19, "")


def test_a_long_text_is_cut_between_paragraphs_and_knows_its_title_and_heading() -> None:
    text = "On rails\n" + "".join(f"# Chapter {n}\n\n{PARAGRAPH * 6}\n" for n in range(5))
    cuts = cut(text, "On rails")
    assert len(cuts) >= 5
    assert all(text[one.begin :].startswith(("# Chapter", "The sleeper")) for one in cuts[1:])
    assert {one.context for one in cuts[1:]} >= {f"On rails › Chapter {n}" for n in range(3)}


@pytest.mark.parametrize("name", ["prose", "no blanks", "signs", "numbers", "other letters"])
def test_every_sign_that_is_taken_in_can_be_searched(store: Store, name: str) -> None:
    with store.begin() as memory:
        memory.items.keep(post("long", TEXTS[name], title="A title"), NOW)
        item = memory.items.all([post("long").uri])[post("long").uri]
        assert "".join(passage.text for passage in memory.passages.of(item)) == item.searchable
        known = memory.vectors.missing("any", 1000)
        assert len(memory.passages.to_embed(known, {item.id: item})) == len(memory.passages.of(item))
