"""The store: one database file, opened once, asked and told in transactions.

    store = Store.open(Path("magpie.db"), owner="me@host")
    with store.begin() as memory:
        memory.items.keep(item, at=now)
        memory.seen.add(...)

Everything told within one ``begin()`` is kept together or not at all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError, StatementError

from config.errors import InUseError
from memory.lock import unused
from memory.migrations import is_current, upgrade
from memory.records import Horizon
from memory.store.accounts import Accounts
from memory.store.chaff import Chaff
from memory.store.digests import Digests
from memory.store.faults import damaged, explained, nothing_yet, there
from memory.store.items import Items
from memory.store.judgements import Judgements
from memory.store.messages import Messages
from memory.store.notes import Notes
from memory.store.occasions import Occasions
from memory.store.outbox import Outbox
from memory.store.passages import Passages
from memory.store.preferences import Preferences
from memory.store.questions import Questions
from memory.store.reactions import Reactions
from memory.store.rules import Rules
from memory.store.runs import Runs
from memory.store.seen import SeenLedger
from memory.store.shares import Shares
from memory.store.sources import Sources
from memory.store.stories import Stories
from memory.store.vectors import Vectors

__all__ = ["Memory", "Store"]

PATIENCE: Final = 10.0
"""Seconds for which somebody else may hold the file."""

SYNCHRONOUS: Literal["FULL", "OFF"] = "FULL"
"""What is acknowledged outlives a power cut: SQLite waits for the disk at the end of every transaction."""


@dataclass(frozen=True)
class Memory:
    """What one owner's memory can be asked and told, within one transaction.

    With a horizon it answers as it did then: what was learnt later is not there; what is deleted since is gone.
    """

    conn: Connection
    owner: str
    horizon: Horizon | None = None

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction that can fail by itself. What the database cannot hold is a ValueError.

        Raises StoreError when the disk is full or the file is in use.
        """
        try:
            with self.conn.begin_nested():
                yield
        except OperationalError as error:
            raise explained(error, Path(self.conn.engine.url.database or ""), "read or written") from error
        except StatementError as error:
            raise ValueError(str(error.orig)) from error

    @cached_property
    def accounts(self) -> Accounts:
        """Who is in the network."""
        return Accounts(self.conn, self.owner)

    @cached_property
    def items(self) -> Items:
        """What was published or written."""
        return Items(self.conn, self.owner)

    @cached_property
    def shares(self) -> Shares:
        """Who put what before the owner."""
        return Shares(self.conn, self.owner, self.horizon)

    @cached_property
    def seen(self) -> SeenLedger:
        """What the owner knows already."""
        return SeenLedger(self.conn, self.owner, self.horizon)

    @cached_property
    def reactions(self) -> Reactions:
        """What the owner did."""
        return Reactions(self.conn, self.owner, self.horizon)

    @cached_property
    def rules(self) -> Rules:
        """What the owner has decided: mutes, blocks, words, interests."""
        return Rules(self.conn, self.owner)

    @cached_property
    def passages(self) -> Passages:
        """What is searched."""
        return Passages(self.conn, self.owner)

    @cached_property
    def vectors(self) -> Vectors:
        """Embeddings, and what the index does not know yet."""
        return Vectors(self.conn, self.owner)

    @cached_property
    def sources(self) -> Sources:
        """How far each source has been read."""
        return Sources(self.conn, self.owner)

    @cached_property
    def digests(self) -> Digests:
        """What was put together for which day."""
        return Digests(self.conn, self.owner, self.horizon)

    @cached_property
    def occasions(self) -> Occasions:
        """When a digest was due, and what became of it."""
        return Occasions(self.conn, self.owner)

    @cached_property
    def chaff(self) -> Chaff:
        """What is not worth searching or telling."""
        return Chaff(self.conn, self.owner)

    @cached_property
    def stories(self) -> Stories:
        """By which names stories go."""
        return Stories(self.conn, self.owner)

    @cached_property
    def judgements(self) -> Judgements:
        """What a chat model has foretold."""
        return Judgements(self.conn, self.owner)

    @cached_property
    def preferences(self) -> Preferences:
        """What the owner has chosen in the chat."""
        return Preferences(self.conn, self.owner)

    @cached_property
    def messages(self) -> Messages:
        """What was said, by either side."""
        return Messages(self.conn, self.owner)

    @cached_property
    def questions(self) -> Questions:
        """What the owner has asked."""
        return Questions(self.conn, self.owner)

    @cached_property
    def notes(self) -> Notes:
        """What the owner said to be remembered, or in passing."""
        return Notes(self.conn, self.owner)

    @cached_property
    def outbox(self) -> Outbox:
        """What is to be said."""
        return Outbox(self.conn, self.owner)

    @cached_property
    def runs(self) -> Runs:
        """What was done when, and the log of model calls."""
        return Runs(self.conn, self.owner)


@dataclass(frozen=True)
class Store:
    """The owner's memory on disk."""

    engine: Engine
    owner: str

    @classmethod
    def open(cls, path: Path, owner: str, doubtful: bool = False, alone: bool = True) -> Store:
        """Open or make the database at ``path`` and bring its tables up to date. Raises StoreError.

        A ``doubtful`` one, whose last user did not come to an end, is looked through first. Whoever is not ``alone``,
        who does not hold the folder, makes no memory, and changes no tables while somebody else holds it.
        """
        try:
            if not there(path) and not alone:
                raise nothing_yet(path)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            engine = create_engine(f"sqlite:///{path}", json_deserializer=_parsed)
            _tune(engine)
            if doubtful:
                _look_through(engine, path)
            upgrade(engine) if alone else _upgrade_beside(engine, path)
        except (OSError, DatabaseError) as error:
            raise explained(error, path) from error
        return cls(engine, owner)

    @contextmanager
    def begin(self, horizon: Horizon | None = None) -> Iterator[Memory]:
        """A transaction: all of it, or nothing. Raises StoreError when the disk is full or the file is in use."""
        try:
            with self.engine.begin() as conn:
                yield Memory(conn, self.owner, horizon)
        except DatabaseError as error:
            raise explained(error, self.path, "read or written") from error

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.engine.url.database or "")

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _upgrade_beside(engine: Engine, path: Path) -> None:
    """Only where nobody works with the tables as they are."""
    if is_current(engine):
        return
    with unused(path.parent) as free:
        if not free:
            raise InUseError(
                f"The memory at {path} is older than this Magpie, and another one works on it: stop that one, "
                "and start this version in its place."
            )
        upgrade(engine)


def _look_through(engine: Engine, path: Path) -> None:
    with engine.connect() as conn:
        found = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise damaged(path, str(found).splitlines()[0])


def _parsed(text: str) -> Any:
    """Most lists of an item are empty, and there are many items."""
    return [] if text == "[]" else json.loads(text)


def _write_ahead(dbapi: Any) -> None:
    """Keep a journal of what is written. Whoever opens a memory first holds off the others: SQLite lets none wait."""
    until = monotonic() + PATIENCE
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(0.02)


def _tune(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # SQLAlchemy's begin below is the only one
        for pragma in (
            f"busy_timeout={PATIENCE * 1000:.0f}",
            f"synchronous={SYNCHRONOUS}",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            dbapi.execute(f"PRAGMA {pragma}")
        _write_ahead(dbapi)

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")
