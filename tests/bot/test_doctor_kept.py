"""magpie doctor looks at what is kept: the database, its full text, the vectors and their index, the backups."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.doctor import Health
from bot.doctor import kept as kept_checks
from memory.index import ChromaIndex, bring_up_to_date
from memory.lock import held
from tests.bot.login_server import OWNER
from tests.bot.patients import NOW, findings, found, magpie, remember
from tests.fakes import HOUR, HashedWords

DAY = 24 * HOUR


def test_a_damaged_memory_is_told_once_and_the_rest_is_looked_at(data: Path) -> None:
    remember(data, "a").close()
    (data / "magpie.db").write_bytes(b"\xff" * 50_000)
    said = findings(magpie(data))
    (bad,) = [finding for finding in said if finding.health is Health.FAULT]
    assert bad.name == "database"
    assert "is damaged" in bad.found
    assert "magpie restore" in bad.found
    assert {"embedding", "sample", "terminal", "time zone"} <= {finding.name for finding in said}
    assert (data / "magpie.db").read_bytes() == b"\xff" * 50_000


def test_a_memory_that_has_vanished_is_not_taken_for_a_new_one(data: Path) -> None:
    (data / "backups").mkdir(parents=True, mode=0o700)
    (data / "backups" / "magpie-2026-11-20T120000Z.db").touch()
    assert "magpie.db is gone, while backups beside it" in found(magpie(data), "database").found


def test_the_memory_of_another_owner_is_told(data: Path) -> None:
    remember(data, "a", owner="otto@mock.local").close()
    said = found(magpie(data), "database")
    assert "it is the memory of otto@mock.local, not of nell@mock.local" in said.found
    assert "correct [owner] handle" in said.advice


@pytest.mark.parametrize(("step", "name", "health"), [("001", "tables", "warning"), ("999", "database", "fault")])
def test_tables_of_another_magpie_are_told_and_left_as_they_are(data: Path, step: str, name: str, health: str) -> None:
    remember(data, "a").close()
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (step,))
    assert found(magpie(data), name).health == health
    with closing(sqlite3.connect(data / "magpie.db")) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [(step,)]


@pytest.mark.parametrize("change", ["DELETE FROM passages_fts WHERE rowid = 1", "UPDATE items SET indexable = 0"])
def test_full_text_that_is_not_what_is_kept_is_told_and_mended_by_reindex(data: Path, change: str) -> None:
    store = remember(data, "a", "b")
    assert found(magpie(data), "full text").health is Health.WELL
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute(change)
    said = found(magpie(data), "full text")
    assert said.health is Health.FAULT
    assert "magpie reindex" in said.advice
    with store.begin() as memory:
        memory.items.rewrite_full_text()
    store.close()
    assert found(magpie(data), "full text").health is Health.WELL


def embedded(data: Path, model: str = "hashed words") -> None:
    store, embedder = remember(data, *"abcdef"), HashedWords()
    with store.begin() as memory:
        items = list(memory.items.by_id(range(9)).values())
        vectors = embedder.embed([item.searchable for item in items])
        memory.vectors.put(model, zip(items, vectors, strict=True))
    bring_up_to_date(store, ChromaIndex(data / "chroma", OWNER, model), model)
    store.close()


def test_another_embedding_model_than_before_is_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.vectors.put("older words", [(memory.items.by_id([1])[1], HashedWords().embed(["a"])[0])])
    store.close()
    said = found(magpie(data), "vectors")
    assert "1 vector of older words, and none of hashed words" in said.found
    assert "embeds every post anew" in said.advice


def test_an_index_that_lost_files_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    with monkeypatch.context() as patch:
        patch.setattr(kept_checks, "healthy", lambda folder, owner, model, sample, seconds: len(sample[0]) == 6)
        assert found(magpie(data), "index").found == "it finds what it should hold; 6 posts were asked for"
    for folder in (data / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    with closing(sqlite3.connect(data / "chroma" / "chroma.sqlite3")) as conn, conn:
        conn.execute("DELETE FROM embeddings_queue")
    said = found(magpie(data), "index")
    assert said.health is Health.WARNING
    assert "magpie reindex" in said.advice


def test_the_index_of_a_magpie_that_runs_is_not_opened(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    monkeypatch.setattr(kept_checks, "healthy", lambda *_: pytest.fail("it was opened"))
    with held(data):
        assert "Magpie has it open" in found(magpie(data), "index").found


def test_what_was_forgotten_and_not_yet_swept_is_told(data: Path) -> None:
    from memory.keeping.sweeping import begin

    remember(data, "a").close()
    assert [one for one in findings(magpie(data)) if one.name == "forgetting"] == []
    begin(data)
    told = found(magpie(data), "forgetting")
    assert (told.health, told.advice) == (Health.WARNING, "start it with 'magpie run'")
    with held(data):
        assert "leave it running" in found(magpie(data), "forgetting").advice


def test_an_old_backup_and_none_are_told(data: Path) -> None:
    from memory.keeping.backup import back_up

    remember(data, "a").close()
    assert "there is none" in found(magpie(data), "backup").found
    back_up(data, NOW)
    assert found(magpie(data), "backup").health is Health.WELL
    late = replace(magpie(data), now=lambda: datetime.now(UTC) + 40 * DAY)
    assert "40 days old" in found(late, "backup").found
