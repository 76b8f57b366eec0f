"""A watched folder: kept up with, forgotten where it forgets."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.jobs.collect import Collector
from bot.jobs.watching import Watcher
from config.errors import InUseError
from memory.store import Store
from tests.bot.exports import jsonl, take, texts

UTC = ZoneInfo("UTC")


def test_a_watched_vault_is_kept_up_with(collector: Collector, store: Store, vault: Path) -> None:
    watcher = Watcher(vault, "", {})
    assert watcher.take(collector, UTC).counts["new"] == 2
    assert not watcher.changed()
    (vault / "a.md").write_text("the first note, longer")
    (vault / "c.md").write_text("the third note")
    (vault / "b.md").unlink()
    assert watcher.changed()
    taken = watcher.take(collector, UTC)
    assert (taken.counts["read"], taken.counts["new"], taken.counts["edited"], taken.counts["deleted"]) == (2, 1, 1, 1)
    assert texts(store) == ["the first note, longer", "the third note"]


def test_a_note_that_comes_back_is_taken_in_again(collector: Collector, store: Store, vault: Path) -> None:
    watcher = Watcher(vault, "", {})
    watcher.take(collector, UTC)
    (vault / "b.md").rename(vault.parent / "b.md")
    watcher.take(collector, UTC)
    (vault.parent / "b.md").rename(vault / "b.md")
    watcher.take(collector, UTC)
    assert texts(store) == ["the first note", "the second note"]


def test_what_was_deleted_while_nobody_watched_is_forgotten(
    collector: Collector, store: Store, vault: Path, tmp_path: Path
) -> None:
    take(collector, jsonl(tmp_path / "other.jsonl", 1))
    Watcher(vault, "", {}).take(collector, UTC)
    (vault / "b.md").unlink()
    Watcher(vault, "", {}).take(collector, UTC)
    assert texts(store) == ["row 0", "the first note"]


def test_watching_waits_for_a_disk_and_for_another_magpie(vault: Path) -> None:
    looks, naps = list[str](), list[float]()

    class EnoughError(Exception):
        pass

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            vault.rename(vault.parent / "away")
        elif len(naps) == 2:
            (vault.parent / "away").rename(vault)
        else:
            raise EnoughError

    def look() -> None:
        looks.append("look")
        raise InUseError("Another Magpie works here.")

    with pytest.raises(EnoughError):
        Watcher(vault, "", {}, sleep).watch(look, 5)
    assert (looks, naps) == (["look", "look"], [5, 5, 5])


def test_a_vault_within_a_watched_folder_is_kept_up_with(collector: Collector, store: Store, vault: Path) -> None:
    watcher = Watcher(vault.parent, "", {})
    assert watcher.take(collector, UTC).counts["new"] == 2
    (vault / "b.md").unlink()
    assert watcher.take(collector, UTC).counts["deleted"] == 1
    assert texts(store) == ["the first note"]


def test_a_note_that_was_emptied_is_forgotten_until_it_says_something(
    collector: Collector, store: Store, vault: Path
) -> None:
    watcher = Watcher(vault, "", {})
    watcher.take(collector, UTC)
    (vault / "b.md").write_text("")
    watcher.take(collector, UTC)
    assert texts(store) == ["the first note"]
    (vault / "b.md").write_text("anew")
    watcher.take(collector, UTC)
    assert texts(store) == ["anew", "the first note"]


@pytest.mark.parametrize("alone", [True, False])
def test_rows_of_a_watched_table_stay(collector: Collector, store: Store, tmp_path: Path, alone: bool) -> None:
    (tmp_path / "diary").mkdir()
    file = jsonl(tmp_path / "diary" / "days.jsonl", 2)
    watcher = Watcher(file if alone else file.parent, "", {})
    assert watcher.take(collector, UTC).counts["deleted"] == 0
    jsonl(file, 3)
    assert watcher.take(collector, UTC).counts["new"] == 1
    assert texts(store) == ["row 0", "row 1", "row 2"]


def test_a_watched_file_says_nothing_of_those_beside_it(collector: Collector, store: Store, vault: Path) -> None:
    take(collector, vault / "a.md")
    take(collector, vault / "b.md")
    Watcher(vault / "a.md", "", {}).take(collector, UTC)
    assert texts(store) == ["the first note", "the second note"]


def test_a_disk_that_is_away_forgets_nothing(collector: Collector, store: Store, vault: Path) -> None:
    watcher = Watcher(vault, "obsidian", {})
    watcher.take(collector, UTC)
    vault.rename(vault.parent / "elsewhere")
    vault.mkdir()  # where it was mounted
    watcher.take(collector, UTC)
    assert texts(store) == ["the first note", "the second note"]


def test_a_folder_that_cannot_be_read_forgets_nothing(
    collector: Collector, store: Store, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (vault / "Locked").mkdir()
    (vault / "b.md").rename(vault / "Locked" / "b.md")
    watcher = Watcher(vault, "", {})
    watcher.take(collector, UTC)
    look = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "Locked":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    watcher.take(collector, UTC)
    assert texts(store) == ["the first note", "the second note"]
