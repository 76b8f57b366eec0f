"""What was kept for later: bookmarks of browsers, reading lists."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from memory.records import Account, Item, Kind, Visibility
from memory.store import Store
from tests.tools.imported import FIXTURES, deeds, kept, reasons, rows
from tools.importers import kind_of
from tools.importers.opening import opened
from tools.importers.pages import page

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def html(tmp_path: Path, body: str) -> Path:
    (tmp_path / "bookmarks.html").write_text(f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n{body}")
    return tmp_path / "bookmarks.html"


def test_bookmarks_are_pages_with_their_folders_as_tags_and_their_descriptions() -> None:
    found = rows("bookmarks_html")
    loom, tables = kept(found)["https://loom.example/setting-up"], kept(found)["https://tables.example/june"]
    assert (loom.title, loom.text) == (
        "Setting up a loom & keeping it so",
        "The part about warps is what I look for each time.",
    )
    assert (loom.tags, tables.tags) == ((), ("sea", "to read", "tides"))
    assert tables.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # microseconds
    assert {item.visibility for item in kept(found).values()} == {Visibility.DIRECT}
    assert deeds(found) == [(uri, Kind.BOOKMARK) for uri in kept(found)]
    assert reasons(found) == ["the same page once more", "it leads to no page of the web"]


def test_bookmarks_all_on_one_line_are_read_alike(tmp_path: Path) -> None:
    text = (FIXTURES / "bookmarks_html" / "export.html").read_text("utf-8")
    path = html(tmp_path, " ".join(text.partition("\n")[2].split("\n")))
    same = rows("bookmarks_html", path)
    told = ("uri", "title", "text", "tags", "links")
    assert [[getattr(item, name) for name in told] for item in kept(same).values()] == [
        [getattr(item, name) for name in told] for item in kept(rows("bookmarks_html")).values()
    ]


def test_the_list_that_pocket_wrote_is_read(tmp_path: Path) -> None:
    line = '<li><a href="https://a.example/x" time_added="1600000000" tags="one,Two">A page</a></li>'
    (tmp_path / "ril_export.html").write_text(f"<html><title>Pocket Export</title><h1>Unread</h1><ul>{line}</ul>")
    item = kept(rows("bookmarks_html", tmp_path / "ril_export.html"))["https://a.example/x"]
    assert (item.title, item.tags, item.created_at.year) == ("A page", ("one", "two"), 2020)


@pytest.mark.parametrize(
    "body",
    [
        '<DT><A HREF="javascript:alert(1)">x</A>',
        '<DT><A HREF="data:text/html,x">x</A>',
        '<DT><A HREF="file:///etc/passwd">x</A>',
        '<DT><A HREF="place:sort=8">x</A>',
        '<DT><A HREF="https://">x</A>',
        '<DT><A HREF="https://a.example/" ADD_DATE="99999999999999">x</A>',
        f'<DT><A HREF="https://a.example/" ADD_DATE="{"9" * 500}">x</A>',
        f'<DT><A HREF="https://a.example/{"x" * 9000}">x</A>',
        "<DT><A HREF>x</A>",
        f"<DT><A HREF={'x' * (5 << 20)}>x</A>",
    ],
)
def test_hostile_bookmarks_are_left_out_and_the_next_one_is_read(body: str, tmp_path: Path) -> None:
    found = rows("bookmarks_html", html(tmp_path, f'{body}\n<DT><A HREF="https://next.example/">Next</A>\n'))
    assert list(kept(found)) == ["https://next.example/"] and len(reasons(found)) == 1


def test_folders_without_end_and_broken_marks_do_no_harm(tmp_path: Path) -> None:
    deep = "<DL><DT><H3>f</H3>" * 3_000 + '<DT><A HREF="https://deep.example/">Deep</A>'
    broken = "\n" + "<dt<a<h3<" * 3_000 + "\n<DD" * 3_000
    assert list(kept(rows("bookmarks_html", html(tmp_path, deep + broken)))) == ["https://deep.example/"]


def test_a_page_that_is_known_better_keeps_its_words(collector: Collector, store: Store) -> None:
    uri, there = "https://loom.example/setting-up", Account("https://loom.example/", "loom@loom.example")
    with store.begin() as memory:
        memory.accounts.keep([there])
        memory.items.keep(Item(uri, uri, there.uri, AT, "The whole article.", source="feeds", title="Looms"), AT)
    with opened(FIXTURES / "reading_lists" / "export") as export:
        assert kind_of(export) == "reading_lists"
    step = page("bookmarks", uri, AT, title="My loom page")
    assert step.item is not None
    with store.begin() as memory:
        assert memory.items.keep(step.item, AT) == "same"
        known = memory.items.get(uri)
        assert known is not None and (known.text, known.visibility) == ("The whole article.", Visibility.PUBLIC)


def test_a_page_that_was_known_by_its_title_gets_its_words(collector: Collector, store: Store) -> None:
    uri = "https://loom.example/setting-up"
    step = page("bookmarks", uri, AT, title="My loom page")
    assert step.item is not None
    with store.begin() as memory:
        memory.accounts.keep(step.accounts)
        memory.items.keep(step.item, AT)
        memory.items.keep(Item(uri, uri, step.item.author, AT, "The whole article.", source="feeds"), AT)
        known = memory.items.get(uri)
        assert known is not None and known.text == "The whole article."


def test_three_lists_are_read_by_their_columns() -> None:
    found = rows("reading_lists")
    items = kept(found)
    assert items["https://moss.example/guide"].tags == ("moss", "walls")
    assert items["https://slow.example/trains"].tags == ("trains", "night")
    assert items["https://slow.example/ferries"].tags == ("travel",)
    bone = items["https://needles.example/bone"]
    assert bone.text.startswith("Ask Lena about these\n\nHow needles were made")
    assert (bone.tags, bone.created_at) == (("bone", "craft", "nets"), AT)
    liked = [uri for uri, kind in deeds(found) if kind is Kind.LIKE]
    assert liked == ["https://slow.example/trains", "https://needles.example/bone"]
    assert [kind for _, kind in deeds(found)].count(Kind.BOOKMARK) == 6


@pytest.mark.parametrize("tags", ["[", "{}", "7", "[7, null, {}]", "[" * 50_000])
def test_tags_that_are_no_list_stop_nothing(tags: str, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text(
        f'URL,Title,Folder,Timestamp,Tags\nhttps://a.example/,A,Unread,1600000000,"{tags}"\n'
    )
    assert list(kept(rows("reading_lists", tmp_path / "i.csv"))) == ["https://a.example/"]
