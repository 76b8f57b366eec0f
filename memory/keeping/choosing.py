"""What is meant by something that is to be forgotten: looked up and shown before anything is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from config.errors import StoreError
from memory.full_text import parted
from memory.parts import parts
from memory.records import Account, Item
from memory.schema import items
from memory.store import Memory

Says = Callable[[str], bool]
_HANDLE: Final = re.compile(r"@?[^@\s/]+@[^@\s/]+")
_WORD: Final = re.compile(r"\w+\*?")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found. ``since`` ≤ instant < ``until`` is set where all of a time is meant, not only posts of it."""

    items: tuple[Item, ...]
    account: Account | None = None
    says: Says | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_time(self) -> bool:
        """Whether what was said and done then is meant, too."""
        return self.since is not None


def choose(memory: Memory, what: str, since: datetime | None, until: datetime | None) -> Choice:
    """``what``: a URI or URL of a post, @name@host, or words; with a time besides, only posts of that time.

    Without it: all of that time. Raises StoreError when nothing of it is known.
    """
    what = what.strip()
    if not what:
        if since is None or until is None or since >= until:
            raise StoreError("A time to be forgotten begins before it ends: give --since and --until.")
        return Choice(tuple(_within(_all(memory), since, until)), since=since, until=until)
    narrowed = since is not None or until is not None
    if "://" in what:
        return Choice(tuple(_within(_called(memory, what), since, until)))
    if _HANDLE.fullmatch(what):
        account = _account(memory, what)
        written = memory.items.by_author(account.uri, newest=None)
        return Choice(tuple(_within(iter(written), since, until)), None if narrowed else account)
    says = about(what)
    return Choice(tuple(_within(_saying(memory, says), since, until)), says=None if narrowed else says)


def about(words: str) -> Says:
    """Whether a text holds all of these words, each as a whole or, with a * behind it, as a beginning."""
    sought = _words(words)
    if not sought:
        raise StoreError(f"There is no word in {words!r} that could be looked for.")

    def says(text: str) -> bool:
        heard = set(_words(text))
        return all(
            any(word.startswith(one[:-1]) for word in heard) if one.endswith("*") else one in heard for one in sought
        )

    return says


def strings(value: Any) -> str:
    """All words within a JSON value."""
    if isinstance(value, Mapping):
        if value.get("kind") == "handle":
            return f"@{value['text']}"
        return "\n".join(strings(one) for one in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(strings(one) for one in value)
    return value if isinstance(value, str) else ""


def _words(text: str) -> list[str]:
    return _WORD.findall(parted(text).casefold())


def _account(memory: Memory, handle: str) -> Account:
    account = memory.accounts.by_handle(handle)
    if account is None:
        raise StoreError(f"Nobody called {handle} is known: write @name@host as 'magpie search' shows it.")
    if account.handle.lower() == memory.owner.lower():
        raise StoreError(f"{handle} is you: name a post or a time, or forget --everything.")
    return account


def _called(memory: Memory, name: str) -> Iterator[Item]:
    named = (items.c.uri == name) | (items.c.url == name) | (items.c.ref == name)
    numbers = memory.conn.scalars(select(items.c.id).where(items.c.owner == memory.owner, named)).all()
    return iter(memory.items.by_id(numbers).values())


def _saying(memory: Memory, says: Says) -> Iterator[Item]:
    """What says so itself, or in its tags, its links, or the original's preview of them; not in who wrote it."""
    for item in _all(memory):
        raw = memory.conn.scalar(select(items.c.raw).where(items.c.id == item.id)) or {}
        original = {name: value for name, value in raw.items() if name not in ("account", "mentions")}
        if says("\n".join((item.searchable, *item.tags, *item.links, *item.canonical, strings(original)))):
            yield item


def _all(memory: Memory) -> Iterator[Item]:
    numbers = memory.conn.scalars(select(items.c.id).where(items.c.owner == memory.owner).order_by(items.c.id)).all()
    for part in parts(numbers):
        found = memory.items.by_id(part)
        yield from (found[number] for number in sorted(found))


def _within(found: Iterator[Item], since: datetime | None, until: datetime | None) -> Iterator[Item]:
    return (
        item
        for item in found
        if (since is None or item.created_at >= since) and (until is None or item.created_at < until)
    )
