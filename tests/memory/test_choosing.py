"""What is meant by what is to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.errors import StoreError
from memory.keeping.choosing import about, choose
from memory.store import Store
from tests.fakes import NOW, OWNER, account, post

LINK = "https://news.example/viaduct-closed"


@pytest.mark.parametrize(
    "more",
    [
        {"links": (LINK,)},
        {"tags": ("viaduct",)},
        {"raw": {"card": {"title": "On the viaduct"}}},
        {"warning": "viaduct"},
    ],
)
def test_a_topic_is_found_wherever_a_post_has_it(store: Store, more: dict[str, Any]) -> None:
    with store.begin() as memory:
        memory.items.keep(post("talk", "the viaduct is closed"), NOW)
        memory.items.keep(post("hidden", "look at this", **more), NOW)
        memory.items.keep(post("author", "hello", raw={"account": {"note": "viaduct"}}), NOW)
        found = choose(memory, "viaduct", None, None).items
    assert [item.uri for item in found] == [post("talk").uri, post("hidden").uri]


@pytest.mark.parametrize(
    ("what", "said", "meant"),
    [
        ("train", "the Train leaves", True),
        ("train", "the training", False),
        ("train*", "the training", True),
        ("night train", "a train by night", True),
        ("night train", "a train", False),
        ("Straße", "in der STRASSE", True),
        ("電車", "電車が好き", True),
        ("#rail", "more #rail", True),
    ],
)
def test_a_topic_is_all_of_its_words(what: str, said: str, meant: bool) -> None:
    assert about(what)(said) is meant


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("@nobody@fedi.example", "Nobody called @nobody@fedi.example is known"),
        (f"@{OWNER}", "is you: name a post or a time"),
        ("?!", "There is no word in"),
        ("", "begins before it ends"),
    ],
)
def test_what_cannot_be_meant_is_told(store: Store, what: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence), store.begin() as memory:
        memory.accounts.keep([replace(account("ann"), uri="https://home.example/me", handle=OWNER)])
        choose(memory, what, None, None)
