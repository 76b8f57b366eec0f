"""Exports that another program has touched are taken in as well."""

from __future__ import annotations

from pathlib import Path

from memory.keeping.export import export
from memory.keeping.taking_in import take_in
from memory.store import Store
from tests.fakes import NOW, OWNER, post


def test_a_byte_order_mark_is_no_part_of_an_export(store: Store, tmp_path: Path) -> None:
    with store.begin() as memory:
        memory.items.keep(post("a", "bees"), NOW)
    path = tmp_path / "export.jsonl"
    export(store, path, NOW)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    other = Store.open(tmp_path / "other.db", OWNER)
    try:
        taken = take_in(other, path)
        assert (taken.faults, taken.new["item"]) == ([], 1)
    finally:
        other.close()
