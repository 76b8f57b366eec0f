"""The contract of all importers.

Each module has a folder of its name in fixtures/importers, with an export.* and a damaged.* (files or folders).
"""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from config.errors import ConfigError, SourceError
from memory.records import Evidence, Fetched, Item, Visibility
from memory.store import Store
from tools.importers import Importer, RowError, importer, kind_of, kinds
from tools.importers.opening import opened

FIXTURES = Path(__file__).parent / "fixtures" / "importers"
ZONE = {"zone": "Europe/Berlin"}


def fixture(kind: str, what: str = "export") -> Path:
    found = sorted((FIXTURES / kind).glob(f"{what}*"))
    assert found, f"write {FIXTURES / kind}/{what}.*, recorded, for the importer {kind}"
    return found[0]


def read(reader: Importer) -> tuple[list[Fetched], list[SourceError]]:
    rows = list(reader.fetch(None))
    return [row for row in rows if isinstance(row, Fetched)], [row for row in rows if isinstance(row, SourceError)]


def items(steps: list[Fetched]) -> list[Item]:
    return [step.item for step in steps if step.item is not None]


# -- the contract


@pytest.mark.parametrize("kind", kinds())
def test_an_importer_recognises_its_own(kind: str) -> None:
    for what in ("export", "damaged"):
        with opened(fixture(kind, what)) as export:
            assert kind_of(export) == kind


@pytest.mark.parametrize("kind", kinds())
def test_items_have_what_an_item_needs(kind: str) -> None:
    with opened(fixture(kind)) as export:
        steps, _ = read(importer(kind, export, ZONE))
    assert items(steps)
    known = {account.uri: account for step in steps for account in step.accounts}
    for item in items(steps):
        assert ":" in item.uri and item.uri.isascii() and not set(item.uri) & set(" \n<>")
        assert item.ref and item.source and item.kind
        assert known[item.author].handle.count("@") == 1
        assert item.created_at.utcoffset() == timedelta(0)
        assert datetime(1990, 1, 1, tzinfo=UTC) < item.created_at < datetime.now(UTC) + timedelta(days=1)
        assert item.searchable.strip()
        assert isinstance(item.visibility, Visibility)
    assert len({item.uri for item in items(steps)}) == len(items(steps))


@pytest.mark.parametrize("kind", kinds())
def test_nothing_of_ones_own_becomes_a_candidate_of_a_digest(kind: str) -> None:
    with opened(fixture(kind)) as export:
        steps, _ = read(importer(kind, export, ZONE))
    assert [step.shares for step in steps if step.shares] == []


@pytest.mark.parametrize("kind", kinds())
def test_what_is_authored_is_seen(kind: str) -> None:
    with opened(fixture(kind)) as export:
        steps, _ = read(importer(kind, export, ZONE))
    for step in steps:
        for reaction in step.reactions:
            # Of some things an export tells the address alone; then the deed comes without its item.
            assert reaction.item == (step.item.uri if step.item else step.seen[0].key) != ""
            assert {fact.evidence for fact in step.seen} <= {Evidence.AUTHORED, Evidence.REACTED, Evidence.REPLIED}
            assert step.seen


@pytest.mark.parametrize("kind", kinds())
def test_a_damaged_row_is_an_error_and_the_stream_goes_on(kind: str) -> None:
    with opened(fixture(kind, "damaged")) as export:
        rows = list(importer(kind, export, ZONE).fetch(None))
    kept = [isinstance(row, Fetched) for row in rows]
    assert False in kept and True in kept
    for row in rows:
        if isinstance(row, SourceError):
            assert isinstance(row, RowError)
            assert str(row).endswith(".") and "\n" not in str(row)


@pytest.mark.parametrize("kind", kinds())
def test_importing_twice_is_importing_once(kind: str, collector: Collector, store: Store) -> None:
    for number in range(2):
        with opened(fixture(kind)) as export:
            taken = Importing(collector).take_in(importer(kind, export, ZONE))
        with store.begin() as memory:
            count, deeds = memory.items.count(), len(memory.reactions.all())
        if number == 0:
            first = (count, deeds)
            assert taken.counts["new"] == count > 0
        else:
            assert (count, deeds) == first
            assert (taken.counts["new"], taken.counts["edited"], taken.counts["same"]) == (0, 0, count)


@pytest.mark.parametrize("kind", kinds())
def test_a_misspelt_setting_is_refused(kind: str) -> None:
    with opened(fixture(kind)) as export, pytest.raises(ConfigError, match="has no setting 'nme'"):
        importer(kind, export, {"nme": "Mira"})


@pytest.mark.parametrize("kind", kinds())
def test_a_zip_of_it_is_the_same(kind: str, tmp_path: Path) -> None:
    path = fixture(kind)
    with opened(path) as export:
        plain, _ = read(importer(kind, export, ZONE))
    packed = tmp_path / f"{path.stem if path.is_dir() else path.name}.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file():
                archive.write(file, file.name if file == path else f"{path.name}/{file.relative_to(path)}")
    with opened(packed) as export:
        assert kind_of(export) == kind
        unpacked, _ = read(importer(kind, export, ZONE))
    assert [item.text for item in items(unpacked)] == [item.text for item in items(plain)]


def test_what_nobody_recognises_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\x01")
    with opened(tmp_path / "a.bin") as export, pytest.raises(SourceError, match="no export that Magpie recognises"):
        kind_of(export)


def test_an_unknown_kind_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with opened(tmp_path / "a.txt") as export, pytest.raises(ConfigError, match="There is no importer 'myspace'"):
        importer("myspace", export, {})


# -- going on


def test_an_import_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"id": n, "text": f"row {n}"}) for n in range(9)))
    with opened(tmp_path / "a.jsonl") as export:
        reader = importer("jsonl", export, {})
        cursor = next(row.cursor for n, row in enumerate(reader.fetch(None)) if isinstance(row, Fetched) and n == 4)
        left = [row.item.text for row in reader.fetch(cursor) if isinstance(row, Fetched) and row.item]
        assert left == ["row 5", "row 6", "row 7", "row 8"]


def test_a_changed_export_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n')
    with opened(path) as export:
        cursor = [row.cursor for row in importer("jsonl", export, {}).fetch(None) if isinstance(row, Fetched)][-1]
    path.write_text('{"id": 1, "text": "one!"}\n{"id": 2, "text": "two"}\n')
    with opened(path) as export:
        assert len(list(importer("jsonl", export, {}).fetch(cursor))) == 2
