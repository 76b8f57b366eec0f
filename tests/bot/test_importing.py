"""Importing into a real memory: through the pipeline, resumable, counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs import importing as job
from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from config.errors import SourceError
from memory.records import Fetched, Kind
from memory.store import Store
from tests.bot.exports import jsonl, take, texts
from tests.fakes import NOW, HashedWords, ShelfIndex
from tests.tools.imported import CHAT
from tools.importers import Importer, RowError, importer
from tools.importers.opening import opened
from tools.links import LinkResolver


def test_what_is_imported_is_canonical_embedded_and_indexed(collector: Collector, store: Store, tmp_path: Path) -> None:
    (tmp_path / "WhatsApp Chat with Mira.txt").write_text(CHAT)
    taken = take(collector, tmp_path)
    assert (taken.counts["new"], taken.counts["embedded"] >= 2, taken.whole) == (2, True, True)
    assert isinstance(collector.index, ShelfIndex) and collector.index.count() >= 2
    with store.begin() as memory:
        item = memory.items.get("whatsapp:mira/2018-06-13T09%3A27%3A00-1")
        assert item is not None
        assert item.canonical == ("https://ferry.example/",)
        assert item.thread == "whatsapp:mira"
        assert [reaction.kind for reaction in memory.reactions.of(item.uri)] == [Kind.AUTHORED]  # Olek is not Mira


def test_a_newer_export_adds_what_is_new_and_updates_what_changed(
    collector: Collector, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "WhatsApp Chat with Mira.txt"
    path.write_text(CHAT)
    take(collector, path)
    path.write_text(
        CHAT.replace("running?", "running today? <This message was edited>") + "14/06/2018, 08:00 - Mira: Thanks\n"
    )
    taken = take(collector, path)
    assert (taken.counts["new"], taken.counts["edited"], taken.counts["same"]) == (1, 1, 1)
    assert "Is the ferry running today?" in texts(store)


def test_a_message_that_was_taken_back_is_forgotten(collector: Collector, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Mira.txt"
    path.write_text(CHAT)
    take(collector, path)
    path.write_text(CHAT.replace("Is the ferry running?", "This message was deleted"))
    assert take(collector, path).counts["deleted"] == 1
    assert texts(store) == ["Yes, see https://ferry.example/?utm_source=x"]


def test_short_links_in_letters_are_shown_to_nobody(
    store: Store, embedder: HashedWords, shelf: ShelfIndex, tmp_path: Path
) -> None:
    class Forbidden:
        def get(self, url: str, *args: object, **more: object) -> object:
            raise AssertionError(f"asked {url}")

    links = LinkResolver(Forbidden(), {"https://bit.ly/known": "https://long.example/"})  # type: ignore[arg-type]
    collector = Collector(store, embedder, shelf, links, lambda: NOW)
    (tmp_path / "a.txt").write_text("https://bit.ly/abc and https://bit.ly/known")
    take(collector, tmp_path / "a.txt")
    with store.begin() as memory:
        (item,) = memory.items.by_id(range(9)).values()
    assert item.canonical == ("https://bit.ly/abc", "https://long.example/")


def test_an_import_that_is_cut_off_goes_on_where_it_was(
    collector: Collector, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = 20
    monkeypatch.setattr(job, "BATCH", batch)
    path = jsonl(tmp_path / "a.jsonl", 3 * batch)
    with opened(path) as export:
        whole = importer("jsonl", export, {})

        def broken() -> Iterator[Fetched | SourceError]:
            for number, row in enumerate(whole.rows()):
                if number == 2 * batch + 7:
                    raise KeyboardInterrupt
                yield row

        with pytest.raises(KeyboardInterrupt):
            Importing(collector).take_in(Importer("jsonl", export, broken), embed=False)
        kept = len(texts(store))
        assert kept >= 2 * batch
        taken = Importing(collector).take_in(whole, embed=False)
    assert taken.went_on_after == kept
    assert taken.counts["new"] == 3 * batch - kept
    assert take(collector, path).counts["same"] == 3 * batch  # and then it begins anew


def test_damage_is_told_and_what_came_before_is_kept(collector: Collector, store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "text": "one"}, {"id": 2, "text": "two"}, {"id"')
    taken = take(collector, tmp_path / "a.json")
    assert len(taken.failures) == 1 and "is damaged before its byte" in taken.failures[0]
    assert texts(store) == ["one", "two"]
    with store.begin() as memory:
        (run,) = memory.runs.latest()
        assert run.failures == taken.failures


def test_rows_that_are_left_out_are_counted_by_their_reasons(collector: Collector, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", 2)
    path.write_text(path.read_text() + "no json\n" * 30 + '{"id": 1}\n')
    taken = take(collector, path)
    assert (dict(taken.damaged), dict(taken.skipped)) == ({"it is no JSON": 30}, {"a row without words": 1})
    assert len(taken.examples) == 20
    assert taken.examples[0] == "Line 3 of a.jsonl was left out: it is no JSON."


def test_a_rehearsal_counts_and_keeps_nothing(collector: Collector, store: Store, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", 5)
    take(collector, path)
    path.write_text(path.read_text().replace("row 2", "row two") + '{"id": 9, "text": "new"}\n')
    before = texts(store)
    with opened(path) as export:
        taken = Importing(collector).rehearse(importer("jsonl", export, {}))
    assert (taken.counts["new"], taken.counts["edited"], taken.counts["same"]) == (1, 1, 4)
    assert texts(store) == before


def test_without_embedding_it_waits_for_the_next_collect(collector: Collector, tmp_path: Path) -> None:
    with opened(jsonl(tmp_path / "a.jsonl", 3)) as export:
        taken = Importing(collector).take_in(importer("jsonl", export, {}), embed=False)
    assert taken.counts["embedded"] == 0
    assert collector.collect([]).counts["embedded"] >= 3


def test_reasons_hold_no_words_of_the_export() -> None:
    assert str(RowError("Line 1", "it is no JSON")) == "Line 1 was left out: it is no JSON."
    assert replace(Taken(), failures=["x"]).whole is False
