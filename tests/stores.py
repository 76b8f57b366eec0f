"""Memories for tests. For empty ones the migrations are run once, and what they made is copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from memory.records import Item, Kind, Reaction
from memory.store import Store
from tests.fakes import NOW, OWNER, post


def empty_store(path: Path, owner: str = OWNER) -> Store:
    """A new memory at this path, as ``Store.open`` makes it in eight times the time."""
    path.write_bytes(_empty())
    path.chmod(0o600)
    return Store.open(path, owner)


def remember(data: Path, *names: str, owner: str = OWNER) -> None:
    """The memory in a data folder, perhaps a new one, takes in a post by each of these names."""
    data.mkdir(exist_ok=True)
    path = data / "magpie.db"
    store = Store.open(path, owner) if path.exists() else empty_store(path, owner)
    with store.begin() as memory:
        memory.sources.move("settings", {"interests": ""})
        for name in names:
            memory.items.keep(post(name), NOW)
    store.close()


def remembered(path: Path, *names: str) -> list[bool]:
    """Whether the memory in a file knows the posts by these names."""
    store = Store.open(path, OWNER)
    with store.begin() as memory:
        found = [memory.items.get(post(name).uri) is not None for name in names]
    store.close()
    return found


def known(store: Store) -> set[str]:
    """Item.uri of everything that is kept of its owner's."""
    with store.begin() as memory:
        return set(memory.conn.scalars(text("SELECT uri FROM items WHERE owner = :owner"), {"owner": store.owner}))


def uris(*posts: Item) -> set[str]:
    """Theirs."""
    return {item.uri for item in posts}


def like(item: Item, kind: Kind = Kind.LIKE) -> Reaction:
    """The owner reacts to it, now."""
    return Reaction(kind, NOW, item.uri)


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "magpie.db"
        Store.open(path, OWNER).close()
        return path.read_bytes()
