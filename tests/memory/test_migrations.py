"""Migrations make the tables of memory/schema.py, keep what is there, and refuse what is newer."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from config.errors import InUseError, StoreError
from memory.exact import ExactIndex
from memory.keeping.embedding import embed_missing
from memory.lock import held
from memory.migrations import head, upgrade
from memory.schema import FULL_TEXT, metadata
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, OWNER, HashedWords, digest, post


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or not (name or "").startswith(FULL_TEXT)


def schema(store_engine) -> list[str]:  # type: ignore[no-untyped-def]
    with store_engine.connect() as conn:
        return sorted(conn.scalars(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name != 'x'")))


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "house" / "magpie.db"
    Store.open(path, OWNER).close()
    yield path


def test_the_migrated_tables_are_those_of_the_schema(store: Store) -> None:
    with store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": is_ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrated_tables_are_made_with_the_very_words_of_the_schema(store: Store) -> None:
    """compare_metadata does not see AUTOINCREMENT, ON DELETE or NOT NULL of keys; the SQL shows them."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    ours = {" ".join(sql.split()) for sql in schema(engine)}
    made = {" ".join(sql.split()) for sql in schema(store.engine) if FULL_TEXT not in sql and "alembic" not in sql}
    named = {sql for sql in made if not sql.startswith("CREATE TABLE")}
    assert named == {sql for sql in ours if not sql.startswith("CREATE TABLE")}
    assert {_columns(sql) for sql in made - named} == {_columns(sql) for sql in ours if sql.startswith("CREATE TABLE")}


def _columns(create: str) -> frozenset[str]:
    """The parts of a CREATE TABLE in no order."""
    flat = create.replace(" ON DELETE", "~").replace("FOREIGN KEY(", "FOREIGN KEY (")
    return frozenset(part.strip(" )") for part in flat.replace('"', "").split(","))


def test_opening_again_changes_nothing(path: Path) -> None:
    store = Store.open(path, OWNER)
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW)
    before = schema(store.engine)
    store.close()
    again = Store.open(path, OWNER)
    with again.begin() as memory:
        assert memory.items.count() == 1
    assert schema(again.engine) == before
    again.close()


def test_a_memory_of_a_newer_magpie_is_refused_in_one_sentence(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '999'"))
    with pytest.raises(StoreError) as refused:
        Store.open(path, OWNER)
    assert str(refused.value) == "This memory was written by a newer Magpie (step 999): update Magpie to open it."
    with engine.connect() as conn:
        assert conn.scalar(text("SELECT version_num FROM alembic_version")) == "999"


def test_beside_another_magpie_no_tables_are_changed(path: Path) -> None:
    Store.open(path, OWNER).close()
    with held(path.parent):
        Store.open(path, OWNER, alone=False).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '003'"))
        before = conn.scalar(text("SELECT count(*) FROM sqlite_master"))
    with (
        held(path.parent),
        pytest.raises(InUseError, match="older than this Magpie, and another one works on"),
    ):
        Store.open(path, OWNER, alone=False)
    with engine.connect() as conn:
        assert conn.scalar(text("SELECT version_num FROM alembic_version")) == "003"
        assert conn.scalar(text("SELECT count(*) FROM sqlite_master")) == before
    assert not (path.parent / "backups").exists()


def test_whoever_is_not_alone_makes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "data" / "magpie.db"
    with pytest.raises(StoreError, match=r"^Nothing was collected yet: 'magpie collect' or 'magpie run' makes the mem"):
        Store.open(path, OWNER, alone=False)
    assert not path.parent.exists()


@pytest.mark.parametrize("remains", ["chroma/x", "checkpoints.db", "backups/magpie-2026-11-20T120000Z.db"])
@pytest.mark.parametrize("empty", [True, False])
def test_where_a_memory_was_lost_no_new_one_is_begun(tmp_path: Path, remains: str, empty: bool) -> None:
    (tmp_path / remains).parent.mkdir(exist_ok=True)
    (tmp_path / remains).touch()
    path = tmp_path / "magpie.db"
    if empty:
        path.touch()
    for alone in (True, False):
        with pytest.raises(StoreError) as refused:
            Store.open(path, OWNER, alone=alone)
        told = f"The memory at {path} is {'empty' if empty else 'gone'}, while {remains.partition('/')[0]} beside it "
        assert str(refused.value).startswith(told) and str(refused.value).endswith(f"move these away from {tmp_path}.")
        assert "'magpie restore " in str(refused.value)
    assert path.exists() is empty


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def breaks(sql: str) -> None:
        raise RuntimeError("the power fails")

    monkeypatch.setattr(op, "execute", breaks)
    with pytest.raises(StoreError, match=f"from step None to {head()}: the power fails; nothing of it was done: go on"):
        Store.open(tmp_path / "magpie.db", OWNER)
    monkeypatch.undo()
    store = Store.open(tmp_path / "magpie.db", OWNER)
    with store.begin() as memory:
        assert memory.items.keep(post("a"), NOW) == "new"
    store.close()


def test_what_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "magpie.db").write_bytes(b"this is a shopping list, and a long one at that " * 50)
    with pytest.raises(StoreError, match=r"The memory at .*magpie.db is damaged \(file is not a database\)"):
        Store.open(tmp_path / "magpie.db", OWNER)


def test_a_folder_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file is a file, and no folder for data: move it"):
        Store.open(tmp_path / "file" / "magpie.db", OWNER)


def test_nobody_else_on_the_machine_can_read_it(path: Path) -> None:
    store = Store.open(path, OWNER)
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert "magpie.db-wal" in modes
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_migrating_twice_at_once_is_migrating_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: Store.open(tmp_path / "magpie.db", OWNER), range(4)))
    with stores[0].begin() as memory:
        memory.items.keep(post("a"), NOW)
    with stores[3].begin() as memory:
        assert memory.items.count() == 1
    upgrade(stores[1].engine)
    for store in stores:
        store.close()


def _without_passages() -> Iterator[str]:
    yield "CREATE TABLE kept AS SELECT * FROM vectors"
    for name in ("vectors", "index_removals", "passages"):
        yield f"DROP TABLE {name}"
    yield (
        "CREATE TABLE vectors (item_id INTEGER NOT NULL, model VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, "
        "vector BLOB NOT NULL, indexed BOOLEAN NOT NULL, CONSTRAINT fk_vectors_item_id FOREIGN KEY(item_id) "
        "REFERENCES items (id) ON DELETE CASCADE, CONSTRAINT uq_vectors_item_id_model UNIQUE (item_id, model))"
    )
    yield "INSERT INTO vectors SELECT * FROM kept"
    yield "DROP TABLE kept"
    yield (
        "CREATE TABLE index_removals (owner VARCHAR NOT NULL, item_id INTEGER NOT NULL, "
        "CONSTRAINT uq_index_removals_owner_item_id UNIQUE (owner, item_id))"
    )
    yield "ALTER TABLE passages_fts RENAME TO items_fts"
    yield "DROP INDEX ix_items_owner_thread_created_at"
    yield "CREATE INDEX ix_items_owner_thread ON items (owner, thread)"


def made_old(path: Path) -> None:
    """As the first Magpie left it."""
    old = create_engine(f"sqlite:///{path}")
    with old.begin() as conn:
        for sql in (
            "ALTER TABLE outbox DROP COLUMN tried_at",
            "ALTER TABLE runs DROP COLUMN replays",
            *map(
                "DROP TABLE {}".format,
                ("occasions", "preferences", "steps", "questions", "judgements", "chaff", "story_names"),
            ),
            *_without_passages(),
            "CREATE TABLE before AS SELECT * FROM digests",
            "DROP TABLE digests",
            "CREATE TABLE digests (id INTEGER NOT NULL, owner VARCHAR NOT NULL, date DATE NOT NULL, "
            "channel VARCHAR NOT NULL, made_at DATETIME NOT NULL, since DATETIME NOT NULL, run VARCHAR NOT NULL, "
            "notes JSON NOT NULL, CONSTRAINT pk_digests PRIMARY KEY (id), "
            "CONSTRAINT uq_digests_owner_date_channel UNIQUE (owner, date, channel))",
            "INSERT INTO digests SELECT id, owner, date, channel, made_at, since, run, notes FROM before",
            "DROP TABLE before",
            "UPDATE alembic_version SET version_num = '001'",
        ):
            conn.execute(text(sql))
    old.dispose()


def test_a_memory_of_the_first_tables_keeps_its_digests_with_their_entries(path: Path) -> None:
    store = Store.open(path, OWNER)
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW)
        item = memory.items.get(post("a").uri)
        assert item is not None
        told = memory.digests.add(digest(item))
    store.close()
    made_old(path)
    new = Store.open(path, OWNER)
    with new.begin() as memory:
        assert memory.digests.latest() == told
        with pytest.raises(IntegrityError), memory.conn.begin_nested():
            memory.digests.add(told)
    new.close()


def test_what_an_older_magpie_has_kept_is_found_at_once_and_cut_with_the_next_collect(path: Path) -> None:
    store, model = Store.open(path, OWNER), HashedWords().name
    with store.begin() as memory:
        memory.items.keep(post("gone"), NOW)
        memory.items.purge(post("gone").ref, NOW)
        memory.items.keep(post("short", "two turnips"), NOW)
        memory.items.keep(post("long", "parsnips and turnips in a long row\n" * 60), NOW)
        embedded = [memory.items.all([post("short").uri])[post("short").uri]]
        memory.vectors.put(model, [(embedded[0], HashedWords().embed(["two turnips"])[0])])
        memory.vectors.mark_indexed(model, [embedded[0].id])
        memory.conn.execute(text("DELETE FROM passages WHERE place > 0"))
    store.close()
    made_old(path)
    new = Store.open(path, OWNER)
    archive = Archive(new, HashedWords(), ExactIndex(new, model))
    assert {hit.item.uri for hit in archive.search("turnips")} == {post("short").uri, post("long").uri}
    with new.begin() as memory:
        assert memory.vectors.indexed_count(model) == 1, "the index goes on as it is"
        assert len(memory.passages.uncut(9)) == 2
    embed_missing(new, HashedWords())
    with new.begin() as memory:
        assert (memory.passages.uncut(9), memory.vectors.missing(model, 9)) == ([], [])
        cut = memory.passages.of(memory.items.all([post("long").uri])[post("long").uri])
        assert len(cut) > 1
        memory.items.keep(post("new"), NOW)
        assert memory.passages.of(memory.items.all([post("new").uri])[post("new").uri])[0].id > 3
    new.close()


def test_a_memory_that_holds_something_is_copied_before_it_is_changed(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made_old(path)
    with caplog.at_level("WARNING"):
        Store.open(path, OWNER).close()
    kept = path.parent / "backups" / f"before-{head()}.db"
    assert step_of(kept) == "001"
    assert step_of(path) == head()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert f"event=upgrading to={head()} copy={kept}" in caplog.text
    Store.open(path, OWNER).close()
    assert [file.name for file in kept.parent.iterdir()] == [f"before-{head()}.db"], "once is enough"


def step_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as conn:
        return str(conn.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_a_new_memory_needs_no_copy(path: Path) -> None:
    assert not (path.parent / "backups").exists()


def test_an_upgrade_that_fails_leaves_the_old_memory_and_says_where_the_copy_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    made_old(path)
    before = path.read_bytes()

    def breaks(*given: object, **more: object) -> None:
        raise RuntimeError("the power fails")

    monkeypatch.setattr(op, "add_column", breaks)
    kept = path.parent / "backups" / f"before-{head()}.db"
    sentence = f"from step 001 to {head()}: the power fails; nothing of it was done, and a copy lies at {kept}: go on"
    with pytest.raises(StoreError, match=sentence):
        Store.open(path, OWNER)
    assert step_of(path) == "001"
    assert path.read_bytes() == before
    monkeypatch.undo()
    Store.open(path, OWNER).close()
    assert step_of(path) == head()


def test_a_memory_is_not_changed_when_there_is_no_room_for_a_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_old(path)
    (path.parent / "backups").touch()  # no folder can be made there
    with pytest.raises(StoreError, match=r"No copy of .* could be made at .*before-\d+.db: .*; check free space"):
        Store.open(path, OWNER)
    assert step_of(path) == "001"
