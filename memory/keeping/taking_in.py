"""Taking in an export: into an empty memory, or into one that knows some of it. What is known stays as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from config.errors import StoreError
from memory.keeping.beginning import IMPORTED, begin
from memory.keeping.forms import FORMAT, FORMS, Form, heard
from memory.records import fingerprint
from memory.schema import digests, entries, item_links, items, passages, tombstones
from memory.store import Memory, Store
from memory.store.outbox import OPEN

AT_ONCE: Final = 500
_FORMS: Final = {form.noun: form for form in FORMS}
_Line = tuple[int, bytes]


@dataclass
class Taken:
    """What came of it: how many of each noun were new, and which lines were left out, and why.

    ``forgotten``: what posts that stay forgotten are called by: their address, their thread, their links.
    """

    new: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set, repr=False)


def take_in(store: Store, path: Path, of: str = "", at: datetime | None = None) -> Taken:
    """Read an export. Lines that cannot be used are left out and told by their number; no other is lost with them.

    ``of`` is the handle that the export was made under, where it is not the owner's. With how far a channel was heard
    comes a beginning ``at`` that instant: what was said since is settled elsewhere. Raises StoreError.
    """
    taken = Taken()
    try:
        with path.open("rb") as file:
            lines = enumerate(file, 1)
            _welcome(next(lines, (1, b"")), path, of or store.owner)
            while part := list(islice(lines, AT_ONCE)):
                with store.begin() as memory:
                    known = taken.new["cursor"]
                    _take(memory, part, taken)
                    if at is not None and taken.new["cursor"] > known:
                        begin(memory, at, IMPORTED)
    except OSError as error:
        raise StoreError(f"The export {path} cannot be read: {error.strerror}; check its name.") from error
    return taken


def _welcome(line: _Line, path: Path, owner: str) -> None:
    try:
        first = json.loads(line[1])
        form, whose = first["format"], first["owner"]
        if first["noun"] != "magpie":
            raise ValueError("no first line of an export")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise StoreError(f"{path} is no export of Magpie: name a file that 'magpie export' has written.") from None
    if form != FORMAT:
        raise StoreError(f"{path} was written by a newer Magpie (format {form}): update Magpie to import it.")
    if whose != owner:
        raise StoreError(f"{path} is of {whose}: import it with --of {whose} if that is you, too.")


def _take(memory: Memory, part: list[_Line], taken: Taken) -> None:
    for number, line in part:
        try:
            record = json.loads(line)
            form = _FORMS[record.pop("noun")]
            with memory.part():
                taken.new[form.noun] += _Taker(memory, form, record, taken.forgotten).take()
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            taken.faults.append(f"line {number} was left out: {_why(error)}")


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing or unknown"
    return "it is no JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)[:200]


@dataclass
class _Taker:
    """Takes in one record. ``forgotten`` grows by what a post is called by that stays out."""

    memory: Memory
    form: Form
    record: dict[str, Any]
    forgotten: set[str]

    def take(self) -> bool:
        """Whether it was new. Raises ValueError, TypeError or KeyError."""
        links = self.record.pop("canonical", []) if self.form.noun == "item" else []
        row = self._row()
        match self.form.noun:
            case "item":
                return self._item(row, links)
            case "vector":
                return self._vector(row)
            case "story name" if self._lost(row["story"]):
                return False
            case "outgoing" if row["state"] in OPEN:  # whoever has exported it may have said it since
                row["state"] = "cancelled"
        return self._insert(row)

    def _row(self) -> dict[str, Any]:
        known = {column.name: column for column in self.form.columns}
        referring = {said: (name, table) for name, (said, table) in self.form.refers.items()}
        row: dict[str, Any] = {"owner": self.memory.owner} if "owner" in self.form.table.columns else {}
        for name, value in self.record.items():
            if name in referring:
                refers, table = referring[name]
                row[refers] = self._number(table, value, bool(self.form.table.columns[refers].nullable))
            else:
                row[name] = heard(known[name], value)
                if name in self.form.checks:
                    self.form.checks[name](value)
        for name, column in known.items():
            if name not in row and not column.nullable and column.server_default is None:
                raise KeyError(name)
        return row

    def _insert(self, row: Mapping[str, Any]) -> bool:
        table, same = self.form.table, [self.form.table.columns[name] for name in self.form.same]
        if same:
            like = select(table.c.id).where(table.c.owner == self.memory.owner, *(c == row[c.name] for c in same))
            if self.memory.conn.execute(like).first():
                return False
        return self.memory.conn.execute(insert(table).values(row).on_conflict_do_nothing()).rowcount > 0

    def _item(self, row: dict[str, Any], links: list[str]) -> bool:
        """With its links and its words, unless it was forgotten here."""
        if self._buried(row["ref"], row["author"]):
            self.forgotten |= {row["uri"], row["ref"], row["thread"], *map(str, links)}
            return False
        if not self._insert({**row, "indexable": False}):
            return False
        item = self.memory.items.get(row["uri"])
        if item is None:
            raise ValueError("it cannot be read again")
        for place, link in enumerate(dict.fromkeys(links)):
            linked = {"item_id": item.id, "owner": row["owner"], "canonical": str(link), "place": place}
            self.memory.conn.execute(plain_insert(item_links).values(linked))
        if row["indexable"]:
            self.memory.items.make_searchable(item.uri)
        return True

    def _lost(self, story: str) -> bool:
        """Whether it is what something forgotten was called by, be it with a number behind it."""
        names = {story, story.rpartition(" ")[0] or story}
        return not names.isdisjoint(self.forgotten) or self._buried(*names)

    def _buried(self, *names: str) -> bool:
        buried = select(tombstones.c.ref).where(tombstones.c.owner == self.memory.owner, tombstones.c.ref.in_(names))
        return self.memory.conn.execute(buried).first() is not None

    def _vector(self, row: dict[str, Any]) -> bool:
        """Where the passage still says what was embedded."""
        number = row["passage_id"]
        item = self.memory.items.by_id(self.memory.passages.items_of([number]).values()).popitem()[1]
        passage = next(one for one in self.memory.passages.of(item) if one.id == number)
        if not np.isfinite(np.frombuffer(row["vector"], "<f2")).all():
            raise ValueError("the vector is no vector")
        return row["fingerprint"] == fingerprint(passage.text) and self._insert({**row, "indexed": False})

    def _number(self, table: str, name: Any, optional: bool) -> int | None:
        if name is None and optional:
            return None
        number: int | None = self.memory.conn.scalar(self._query(table, name))
        if number is None and not optional:
            raise ValueError(f"it belongs to {name!r}, which is not there")
        return number

    def _query(self, table: str, name: Any) -> Any:
        if table == "items":
            return select(items.c.id).where(items.c.owner == self.memory.owner, items.c.uri == name)
        if table == "passages":
            uri, place = (name, 0) if isinstance(name, str) else name
            of_item = select(items.c.id).where(items.c.owner == self.memory.owner, items.c.uri == uri)
            first = passages.c.item_id == of_item.scalar_subquery()
            return select(passages.c.id).where(first, passages.c.place == place)
        day, slot, channel = name[:3]
        of_day = (digests.c.date == date.fromisoformat(day), digests.c.slot == slot, digests.c.channel == channel)
        digest = select(digests.c.id).where(digests.c.owner == self.memory.owner, *of_day)
        if table == "digests":
            return digest
        return select(entries.c.id).where(entries.c.digest_id == digest.scalar_subquery(), entries.c.number == name[3])
