"""Books: shelves, reviews, clippings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from memory.records import Kind, Visibility
from memory.store import Store
from tests.tools.imported import deeds, kept, reasons, rows
from tools.importers import importer
from tools.importers.opening import opened
from tools.importers.spoken_dates import spoken

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


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
