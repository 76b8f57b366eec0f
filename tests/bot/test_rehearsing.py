"""A dry run tells what the import then does, to the last count."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from memory.keeping.forgetting import forget
from memory.store import Store
from tests.fakes import NOW
from tests.tools.imported import FIXTURES
from tools.importers import importer, kind_of, kinds
from tools.importers.opening import opened

CHAT = "13/06/2018, 09:26 - Mira: Is the ferry running?\n13/06/2018, 09:27 - Olek: Yes\n"
WHAT = ("read", "new", "same", "edited", "gone", "deleted", "reactions")


def both(collector: Collector, path: Path) -> tuple[Counter[str], Counter[str]]:
    """The counts of a dry run, and those of the import after it."""
    with opened(path) as export:
        reader = importer(kind_of(export), export, {"zone": "Europe/Berlin"})
        tried = Importing(collector).rehearse(reader)
        done = Importing(collector).take_in(reader, embed=False)
    return Counter({what: tried.counts[what] for what in WHAT}), Counter({what: done.counts[what] for what in WHAT})


@pytest.mark.parametrize("kind", kinds())
def test_a_dry_run_of_any_kind_counts_as_the_import_does(kind: str, collector: Collector) -> None:
    for what in ("export", "damaged", "export"):
        for path in (FIXTURES / kind).glob(f"{what}*"):
            tried, done = both(collector, path)
            assert tried == done


def test_what_was_deleted_before_is_not_deleted_again(collector: Collector, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Mira.txt"
    path.write_text(CHAT)
    both(collector, path)
    path.write_text(CHAT.replace("Is the ferry running?", "This message was deleted"))
    for deleted in (1, 0):
        tried, done = both(collector, path)
        assert tried == done and done["deleted"] == deleted


def test_what_the_owner_had_forgotten_is_not_promised(collector: Collector, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n{"id": 2, "text": "two"}\n')
    both(collector, path)
    with store.begin() as memory:
        item = next(item for item in memory.items.by_id(range(9)).values() if item.text == "one")
        assert forget(memory, item.ref, NOW)
    tried, done = both(collector, path)
    assert tried == done and (done["gone"], done["same"]) == (1, 2)


def test_what_stands_twice_in_an_export_is_new_once(collector: Collector, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 1, "text": "one"}\n{"id": 1, "text": "two"}\n')
    tried, done = both(collector, path)
    assert tried == done and (done["new"], done["same"], done["edited"]) == (1, 1, 1)
