"""Videos that were watched."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from config.errors import SourceError
from memory.records import Evidence, Fetched
from memory.store import Store
from tests.tools.imported import FIXTURES, deeds, kept, reasons, rows
from tools.importers import importer, kind_of
from tools.importers.opening import opened

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


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
