"""Where an item can be read: a link where one opens, else words by which its owner knows the place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.places import by_owner, place_of
from memory.records import Account, Item, Span
from tests.fakes import post

PEOPLE = {
    one.uri: one
    for one in (
        Account("whatsapp:bea", "bea@whatsapp", "Bea"),
        Account("whatsapp:person/bea", "bea@whatsapp", "Bea"),
        Account("whatsapp:club", "rowing.club@whatsapp", "Rowing club"),
    )
}


def item(uri: str, kind: str = "note", **more: str) -> Item:
    return replace(post("a"), uri=uri, kind=kind, **{"url": "", "source": uri.partition(":")[0]} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (item("whatsapp:bea/1", "chat", thread="whatsapp:bea"), "chat with Bea"),
        (item("whatsapp:club/1", "chat", thread="whatsapp:club"), "chat “Rowing club”"),
        (item("signal:mira/1", "chat", thread="signal:mira"), "chat from signal"),
        (item("obsidian:a/b.md", title="Tides", url="obsidian://open?vault=a&file=b"), "note “Tides”"),
        (item("mid:7@harbour.example", "mail", title="Re: oars", source="mbox"), "mail “Re: oars”"),
        (item("jsonl:a/7"), "note from jsonl"),
    ],
)
def test_what_no_browser_opens_is_told_in_words(found: Item, words: str) -> None:
    assert place_of(found, PEOPLE) == place_of(found, PEOPLE, "Post") == Span("text", words)


def test_a_page_is_a_link_to_it_or_to_the_better_place_in_it() -> None:
    page = post("a")
    assert place_of(page, PEOPLE) == Span("link", "", page.url)
    assert place_of(page, PEOPLE, "Post", f"{page.url}#here") == Span("link", "Post", f"{page.url}#here")
    assert place_of(replace(page, url=""), PEOPLE) == Span("link", "", page.uri)


def test_what_bears_no_name_is_the_owners() -> None:
    assert by_owner(item("obsidian:a/b.md", author="obsidian:person/me"))
    assert not by_owner(item("signal:mira/1", "chat", author="signal:person/mira"))
