"""What was kept for later, read or watched: bookmarks, reading lists, books, clippings, videos."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from config.errors import SourceError
from memory.records import Account, Evidence, Fetched, Item, Kind, Visibility
from memory.store import Store
from tools.importers import RowError, importer, kind_of
from tools.importers.fields import inner, listed, number, web, word, words
from tools.importers.opening import opened
from tools.importers.pages import page
from tools.importers.spoken_dates import spoken

FIXTURES = Path(__file__).parent / "fixtures" / "importers"
AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def rows(kind: str, path: Path | None = None, **settings: Any) -> list[Fetched | SourceError]:
    path = path or next((FIXTURES / kind).glob("export*"))
    with opened(path) as export:
        return list(importer(kind, export, settings).fetch(None))


def kept(found: list[Fetched | SourceError]) -> dict[str, Item]:
    return {row.item.uri: row.item for row in found if isinstance(row, Fetched) and row.item}


def deeds(found: list[Fetched | SourceError]) -> list[tuple[str, Kind]]:
    return [(one.item, one.kind) for row in found if isinstance(row, Fetched) for one in row.reactions]


def reasons(found: list[Fetched | SourceError]) -> list[str]:
    return [row.reason for row in found if isinstance(row, RowError)]


def html(tmp_path: Path, body: str) -> Path:
    (tmp_path / "bookmarks.html").write_text(f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n{body}")
    return tmp_path / "bookmarks.html"


# -- bookmarks


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


# -- reading lists


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


# -- books


def test_books_are_liked_wished_for_or_only_known_and_reviews_are_ones_own() -> None:
    found = rows("goodreads")
    name = "https://goodreads.com/book/show/9000000"
    assert [one for one in deeds(found) if one[1] is not Kind.AUTHORED] == [
        (f"{name}1", Kind.LIKE),
        (f"{name}2", Kind.BOOKMARK),
    ]
    review, private = kept(found)["goodreads:review/90000001"], kept(found)["goodreads:notes/90000001"]
    assert review.text == "Read it twice.\n\nThe net chapter is the best."
    assert (review.reply_to, review.visibility, private.visibility) == (
        f"{name}1",
        Visibility.PUBLIC,
        Visibility.DIRECT,
    )
    assert kept(found)[f"{name}1"].text == "Rosa Invented, Olek Helper, 2011\n★★★★★"


def clippings(tmp_path: Path, *found: tuple[str, str, str]) -> Path:
    text = "".join(f"{title}\r\n{about}\r\n\r\n{words}\r\n==========\r\n" for title, about, words in found)
    (tmp_path / "My Clippings.txt").write_text(text)
    return tmp_path / "My Clippings.txt"


def test_clippings_of_nine_languages_are_read() -> None:
    found = kept(rows("kindle", zone="Europe/Berlin"))
    highlights = [item for item in found.values() if item.kind == "highlight"]
    assert [item.created_at.date().day for item in highlights] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert {item.created_at.strftime("%H:%M:%S") for item in highlights[1:]} == {"20:15:21"}
    assert [item.text for item in found.values() if item.kind == "note"] == ["ask Lena #nets", "stimmt nicht"]
    assert highlights[1].title == "Das Buch der Gezeiten (2. Auflage)"


def test_a_highlight_that_was_made_longer_is_one() -> None:
    found = rows("kindle")
    texts = [item.text for item in kept(found).values() if item.title == "The Tarred Twine"]
    assert texts == ["A net is mended from the inside outwards.", "ask Lena #nets"]
    assert reasons(found) == ["a later clipping covers it", "a place without words"]


def test_a_highlight_that_was_begun_earlier_replaces_the_one_that_was_taken_in(
    collector: Collector, store: Store, tmp_path: Path
) -> None:
    head, when = "A Book (Ann)", "Added on Sunday, March 3, 2024 9:15:21 PM"
    one = (head, f"- Your Highlight on Location 98-102 | {when}", "the sea")
    more = (head, f"- Your Highlight on Location 90-102 | {when}", "Always the sea")
    for found in ((one,), (one, more)):
        with opened(clippings(tmp_path, *found)) as export:
            Importing(collector).take_in(importer("kindle", export, {}))
    with store.begin() as memory:
        assert memory.items.count() == 1
        assert memory.items.get("kindle:Ann/A%20Book/highlight/90") is not None


def test_two_highlights_of_one_page_stay_two(tmp_path: Path) -> None:
    head, when = "A Book (Ann)", "Added on Sunday, March 3, 2024 9:15:21 PM"
    found = [(head, f"- Your Highlight on page 7 | Location {at} | {when}", at) for at in ("10-11", "12-13", "1123-25")]
    assert [item.text for item in kept(rows("kindle", clippings(tmp_path, *found))).values()] == [
        "10-11",
        "12-13",
        "1123-25",
    ]


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("Added on Sunday, 3 March 2024 21:15:21", datetime(2024, 3, 3, 21, 15, 21)),
        ("March 3, 2024 12:05:00 AM", datetime(2024, 3, 3, 0, 5)),
        ("March 3, 2024 12:05:00 PM", datetime(2024, 3, 3, 12, 5)),
        ("3 févr. 2024, 21:15:21 CET", datetime(2024, 2, 3, 21, 15, 21, tzinfo=timezone(timedelta(hours=1)))),
        ("03.04.2024, 21:15:21 MESZ", datetime(2024, 4, 3, 21, 15, 21, tzinfo=timezone(timedelta(hours=2)))),
        ("3/14/2024, 9:15:21 PM EST", datetime(2024, 3, 14, 21, 15, 21, tzinfo=timezone(timedelta(hours=-5)))),
        ("3/4/2024, 9:15:21 PM", datetime(2024, 3, 4, 21, 15, 21)),
        ("3/4/2024, 21:15:21", datetime(2024, 4, 3, 21, 15, 21)),
        ("2024/03/03 21:15:21 GMT+05:30", datetime(2024, 3, 3, 21, 15, 21, tzinfo=timezone(timedelta(hours=5.5)))),
        ("添加于 2024年3月11日星期一 下午9:15:21", datetime(2024, 3, 11, 21, 15, 21)),
        ("Добавлено: 12 мая 2024 г. в 21:15:21", datetime(2024, 5, 12, 21, 15, 21)),
        ("14 Sept 2023, 09:05:01 BST", datetime(2023, 9, 14, 9, 5, 1)),
    ],
)
def test_dates_are_read_as_people_are_shown_them(written: str, there: datetime) -> None:
    assert spoken(written) == there and spoken(written).tzinfo == there.tzinfo


@pytest.mark.parametrize("written", ["", "soon", "30 February 2024", "99/99/2024", "0 May 2024", "GMT+99", "1" * 5000])
def test_what_is_no_date_is_said_to_be_none(written: str) -> None:
    with pytest.raises(ValueError):
        spoken(written)


# -- videos


def test_what_was_watched_is_known_and_not_liked() -> None:
    found = rows("youtube_history", zone="Europe/Berlin")
    assert deeds(found) == []
    name = "https://youtube.com/watch?v=abcdefgh0"
    assert [(item.uri, item.title, item.text) for item in kept(found).values()] == [
        (f"{name}10", "Splicing & whipping", "Harbour Crafts"),
        (f"{name}11", "Knoten für alle", "Knotenkunde"),
        (f"{name}01", "How a bone needle is made", "Harbour Crafts"),
        (f"{name}03", "Ebbe und Flut", "Chor - Topic"),
    ]
    seen = [fact for row in found if isinstance(row, Fetched) for fact in row.seen]
    assert {(fact.scope, fact.evidence) for fact in seen} == {("item", Evidence.REACTED), ("link", Evidence.REACTED)}
    assert reasons(found).count("an advertisement") == 1
    assert kept(found)[f"{name}10"].created_at == datetime(2024, 3, 3, 20, 15, 21, tzinfo=UTC)


def test_a_video_is_known_since_it_was_watched_first(collector: Collector, store: Store) -> None:
    with opened(FIXTURES / "youtube_history" / "export") as export:
        Importing(collector).take_in(importer("youtube_history", export, {}))
    link = "https://youtube.com/watch?v=abcdefgh001"
    with store.begin() as memory:
        known = memory.seen.known("link", [link])[link]
    assert [fact.since for fact in known] == [datetime(2024, 3, 1, 21, 15, 21, tzinfo=UTC)]


def test_a_history_that_is_one_line_is_read_in_pieces(tmp_path: Path) -> None:
    page_ = (FIXTURES / "youtube_history" / "export" / "watch-history.html").read_text("utf-8")
    head, mark, cell = page_.partition('<div class="outer-cell')
    cell = mark + cell.partition(mark)[0]
    cells = (cell.replace("abcdefgh010", f"abcdef{n:05}") for n in range(200))
    (tmp_path / "verlauf.html").write_text(f"{head}{cell.replace('Harbour', 'x' * (1 << 20))}{''.join(cells)}", "utf-8")
    found = rows("youtube_history", tmp_path / "verlauf.html")
    assert len(kept(found)) == 200 and reasons(found) == ["it is too long"]


def test_a_takeout_is_recognised_as_a_zip(tmp_path: Path) -> None:
    folder = "Takeout/YouTube und YouTube Music/Verlauf"
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        archive.write(
            FIXTURES / "youtube_history" / "export" / "watch-history.json", f"{folder}/Wiedergabeverlauf.json"
        )
        archive.writestr("Takeout/archive_browser.html", "<html></html>")
    with opened(tmp_path / "takeout.zip") as export:
        assert kind_of(export) == "youtube_history"
        assert len(kept(list(importer("youtube_history", export, {}).fetch(None)))) == 2


HOSTILE = [None, 7, "x", [], {}, {"title": []}, {"titleUrl": "javascript:alert(1)"}, {"time": 10**30}, {"header": {}}]


@pytest.mark.parametrize("row", HOSTILE)
def test_entries_of_a_wrong_type_are_left_out(row: object, tmp_path: Path) -> None:
    good = {
        "header": "YouTube",
        "title": "Watched Words",
        "titleUrl": "https://www.youtube.com/watch?v=abcdefgh001",
        "time": "2024-03-01T21:15:21Z",
        "products": ["YouTube"],
    }
    wrong = {**good, **row} if isinstance(row, dict) and row else row
    (tmp_path / "h.json").write_text(json.dumps([{**good, "title": "Watched First"}, wrong]))
    found = rows("youtube_history", tmp_path / "h.json")
    assert [item.title for item in kept(found).values()][:1] == ["First"]
    assert all("\n" not in str(one) for one in found if isinstance(one, SourceError))


# -- the ground


def test_a_vault_with_an_export_in_it_is_a_vault(tmp_path: Path) -> None:
    (tmp_path / ".obsidian").mkdir()
    (tmp_path / "note.md").write_text("Words.")
    for kind in ("bookmarks_html", "goodreads", "kindle", "github_stars", "bluesky"):
        path = next((FIXTURES / kind).glob("export*"))
        os.link(path, tmp_path / f"{kind}{path.suffix}") if path.stat().st_dev == tmp_path.stat().st_dev else (
            tmp_path / f"{kind}{path.suffix}"
        ).write_bytes(path.read_bytes())
    with opened(tmp_path) as export:
        assert kind_of(export) == "obsidian"


def test_fields_of_a_wrong_type_are_missing_ones() -> None:
    row: dict[str, Any] = {"a": True, "b": 7, "c": "", "d": "x", "e": [1, {}, "y"], "f": "9" * 99, "g": None}
    assert [word(row, key) for key in "abcdg"] == ["", "7", "", "x", ""]
    assert (word(row, "c", "d"), word(None, "a"), inner(row, "d", "x")) == ("x", "", {})
    assert (listed(row, "e"), words(row, "e"), words(row, "d"), number(row, "f")) == ([{}], ["y"], ["x"], 0)


@pytest.mark.parametrize("address", ["", "x", "javascript:alert(1)", "https://a b", "https://a\n", "HTTPS://x<y"])
def test_what_is_no_address_of_the_web_is_none(address: str) -> None:
    assert web(address) in ("", "https://a")
