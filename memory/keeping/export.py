"""All that is known, in one file of JSON lines that any program can read and ``magpie import`` takes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, select

from config.errors import StoreError
from memory.keeping.backup import stamp
from memory.keeping.forms import FORMAT, FORMS, Form, said
from memory.schema import digests, entries, item_links, items, passages
from memory.store import Memory, Store

AT_ONCE: Final = 500


def export(store: Store, target: Path, now: datetime, vectors: bool = True) -> tuple[Path, Counter[str]]:
    """Write a file (or, given a folder, one in it) and return it with how many of each noun it holds.

    Magpie may go on meanwhile: what is written is the memory of one instant. Without ``vectors`` the file is smaller,
    and the texts are embedded anew after an import. Raises StoreError.
    """
    path = target / f"magpie-{stamp(now)}.jsonl" if target.is_dir() else target
    if path.exists():
        raise StoreError(f"{path} is there already: name another file.")
    partial = path.with_name(f"{path.name}.partial")
    counts: Counter[str] = Counter()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with partial.open("w", encoding="utf-8") as file:
            for record in records(store, now, vectors):
                counts[record["noun"]] += 1
                file.write(f"{json.dumps(record, ensure_ascii=False, separators=(',', ':'))}\n")
        partial.replace(path)
    except OSError as error:
        raise StoreError(
            f"The export could not be written to {path}: {error.strerror}; check free space and permissions."
        ) from error
    except UnicodeEncodeError as error:
        raise StoreError(f"The export could not be written to {path}: {error.reason}; tell the makers.") from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return path, counts


def records(store: Store, now: datetime, vectors: bool = True) -> Iterator[dict[str, Any]]:
    """Every record, in an order in which they can be taken in."""
    yield {"noun": "magpie", "format": FORMAT, "owner": store.owner, "at": now.isoformat()}
    with store.begin() as memory:
        memory.conn.exec_driver_sql("COMMIT")  # a reader's transaction instead: of one instant, and nobody waits
        memory.conn.exec_driver_sql("BEGIN")
        names = Names(memory)
        for form in FORMS:
            if vectors or form.noun != "vector":
                yield from _of_form(memory, form, names)


class Names:
    """What everybody knows records by, for the numbers that only this database knows."""

    def __init__(self, memory: Memory) -> None:
        mine = select(items.c.id, items.c.uri).where(items.c.owner == memory.owner)
        self.items = {number: uri for number, uri in memory.conn.execute(mine)}
        cut = select(passages.c.id, passages.c.item_id, passages.c.place).where(passages.c.owner == memory.owner)
        self.passages = {
            number: [self.items[item], place] if place else self.items[item]
            for number, item, place in memory.conn.execute(cut)
        }
        dated = select(digests.c.id, digests.c.date, digests.c.slot, digests.c.channel)
        rows = memory.conn.execute(dated.where(digests.c.owner == memory.owner))
        self.digests = {row.id: [row.date.isoformat(), row.slot, row.channel] for row in rows}
        numbered = select(entries.c.id, entries.c.digest_id, entries.c.number)
        rows = memory.conn.execute(numbered.where(entries.c.owner == memory.owner))
        self.entries = {row.id: [*self.digests[row.digest_id], row.number] for row in rows}

    def of(self, table: str, number: int | None) -> Any:
        """The name of a record of that table, if there is one."""
        return None if number is None else getattr(self, table).get(number)


def _of_form(memory: Memory, form: Form, names: Names) -> Iterator[dict[str, Any]]:
    table = form.table
    query = select(table)
    if "owner" in table.columns:
        query = query.where(table.c.owner == memory.owner)
    else:  # vectors: they belong to passages
        query = query.where(table.c.passage_id.in_(select(passages.c.id).where(passages.c.owner == memory.owner)))
    if "id" in table.columns:
        query = query.order_by(table.c.id)
    result = memory.conn.execution_options(yield_per=AT_ONCE).execute(query)
    for part in result.partitions(AT_ONCE):
        links = _links(memory, [row.id for row in part]) if form.noun == "item" else {}
        for row in part:
            yield _record(form, row, names) | ({"canonical": links.get(row.id, [])} if form.noun == "item" else {})


def _record(form: Form, row: Row[Any], names: Names) -> dict[str, Any]:
    record: dict[str, Any] = {"noun": form.noun}
    for column, (name, table) in form.refers.items():
        record[name] = names.of(table, getattr(row, column))
    return record | {column.name: said(row._mapping[column]) for column in form.columns}


def _links(memory: Memory, numbers: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(item_links).where(item_links.c.item_id.in_(numbers)).order_by(item_links.c.place)
    for row in memory.conn.execute(query):
        found.setdefault(row.item_id, []).append(row.canonical)
    return found
