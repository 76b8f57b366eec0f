"""How every record of a memory is written as a line of JSON, for exports.

Each line is an object with its ``noun`` and the columns of its table (memory/schema.py) by their names. Instants and
dates are ISO 8601, instants with their zone; bytes are base64. The numbers that only this database knows are left out;
what refers to another record names it by what everybody knows it by:

    item    → its URI
    digest  → [date, slot, channel]
    entry   → [date, slot, channel, number]
    passage → the URI of its item, or [URI, place] where it is not the first

An item carries the names of its links (``canonical``) with it. The first line is ``{"noun": "magpie", "format": 1,
"owner": …, "at": …}``; the order of the others is such that nothing refers to what comes later.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary, String, Table

from memory import schema
from memory.records import Consent, Counts, Evidence, Factor, How, Kind, Media, Outgoing, Span, State, Visibility
from memory.schema import Instant

FORMAT: Final = 1
Check = Callable[[Any], object]
"""Raises ValueError, TypeError or KeyError for what a memory could not be read with."""


@dataclass(frozen=True)
class Form:
    """The records of one table. ``refers``: column → (its name in the line, the table it refers to)."""

    noun: str
    table: Table
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    same: tuple[str, ...] = ()  # columns in which no two records are equal, where the database does not see to it
    unsaid: tuple[str, ...] = ()

    @property
    def columns(self) -> list[Column[Any]]:
        """What is written, besides what is referred to."""
        left_out = {"owner", *self.refers, *self.unsaid}
        return [
            column
            for column in self.table.columns
            if column.name not in left_out and not (column.name == "id" and isinstance(column.type, Integer))
        ]


def _each(check: Check) -> Check:
    def checked(value: Any) -> object:
        if not isinstance(value, list):
            raise TypeError("a list is needed")
        return [check(one) for one in value]

    return checked


def _is(kind: type) -> Check:
    def checked(value: Any) -> object:
        if not isinstance(value, kind):
            raise TypeError(f"{kind.__name__} is needed")
        return value

    return checked


def _made_with(noun: Callable[..., object]) -> Check:
    return lambda value: noun(**value)


def _scored(value: Any) -> object:
    _each(_made_with(Factor))(value["factors"])
    for name in ("reasons", "links", "threads"):
        _each(_is(str))(value[name])
    return (_is(str)(value["summary"]), _is(int)(value["grown_by"]), _is(bool)(value["explores"]))


def _payload(value: Any) -> object:
    _each(_made_with(Span))(value["spans"])
    return _each(_is(str))(list(Outgoing(**value).about))


_words, _object = _each(_is(str)), _is(dict)
_of_item = {"item_id": ("item", "items")}
_of_entry = {"entry_id": ("entry", "entries")}
_of_both = {**_of_entry, "digest_id": ("digest", "digests")}
_item_checks: Mapping[str, Check] = {
    "visibility": Visibility,
    "media": _each(_made_with(Media)),
    "counts": _made_with(Counts),
    "raw": _object,
    **dict.fromkeys(("links", "tags", "mentions", "poll"), _words),
}
_counted: Mapping[str, Check] = {"counts": _object, "failures": _words}

FORMS: Final = (
    Form("tombstone", schema.tombstones),
    Form("account", schema.accounts, checks={"asks": _each(Consent)}),
    Form("link", schema.resolved_links),
    Form("item", schema.items, checks=_item_checks),
    Form("chaff", schema.chaff, _of_item),
    Form("story name", schema.story_names, _of_item),
    Form("vector", schema.vectors, {"passage_id": ("item", "passages")}, unsaid=("indexed",)),
    Form("share", schema.shares, _of_item, {"how": How}),
    Form("seen", schema.seen, checks={"evidence": Evidence}),
    Form("rule", schema.rules),
    Form("interest", schema.interests),
    Form("preference", schema.preferences),
    Form("run", schema.runs, checks=_counted),
    Form("step", schema.steps, checks={"given": _object, "made": _object}, same=("run", "node", "began")),
    Form("call", schema.model_calls, checks={"inputs": _words, "messages": _words}, same=("run", "at", "prompt")),
    Form("judgement", schema.judgements),
    Form("digest", schema.digests, checks={"notes": _words}),
    Form("occasion", schema.occasions, checks={"state": State}),
    Form(
        "entry",
        schema.entries,
        {"digest_id": ("digest", "digests")},
        {"items": _words, "sharers": _words, "scored": _scored},
    ),
    Form("reaction", schema.reactions, _of_entry, {"kind": Kind}),
    Form("message", schema.messages, _of_both),
    Form("question", schema.questions),
    Form("outgoing", schema.outbox, _of_both, {"payload": _payload}),
    Form("gap", schema.gaps, {"told_in": ("digest", "digests")}),
    Form("cursor", schema.cursors),  # in the end: nothing is passed by that has not come
)
"""In the order of an export."""


def said(value: Any) -> Any:
    """A value of a column as JSON has it."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date | datetime) else value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return at


_READ: Final[tuple[tuple[type, Check], ...]] = (
    (Instant, _instant),
    (Date, date.fromisoformat),
    (LargeBinary, lambda value: b64decode(value, validate=True)),
    (JSON, lambda value: value),
    (Boolean, _is(bool)),
    (Integer, _number),
    (Float, _finite),
    (String, _is(str)),
)


def heard(column: Column[Any], value: Any) -> Any:
    """And back again. Raises ValueError or TypeError."""
    if value is None and not isinstance(column.type, JSON):
        if not column.nullable:
            raise ValueError(f"{column.name} is missing")
        return None
    read = next(read for kind, read in _READ if isinstance(column.type, kind))
    return read(value)
