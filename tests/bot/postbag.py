"""A postman with a digest in his bag, and what memory knows of it afterwards."""

from __future__ import annotations

import pytest

from bot.outbox import Postman
from config.errors import ChannelError, DoubtfulSendError
from memory.records import Digest, Evidence
from memory.store import Store
from tests.fakes import NOW, Pigeon, digest, post, words

STORM = ChannelError("There is a storm.")
DOUBT = DoubtfulSendError("The line went dead.")


@pytest.fixture
def postman(store: Store, pigeon: Pigeon) -> Postman:
    """He has nothing to say yet."""
    return Postman(store, pigeon, lambda: NOW)


@pytest.fixture
def told(store: Store) -> Digest:
    """A digest of two posts, queued as a head and a message an entry."""
    with store.begin() as memory:
        for name in "ab":
            memory.items.keep(post(name, links=(f"https://news.example/{name}",)), NOW)
        made = memory.digests.add(digest(post("a"), post("b")))
        memory.outbox.queue("pigeon", words("head", "Good morning"), NOW, digest_id=made.id)
        for entry in made.entries:
            out = words(f"entry {entry.number}", f"told {entry.number}")
            memory.outbox.queue("pigeon", out, NOW, "head", entry.id, made.id)
        return made


def states(store: Store) -> list[tuple[str, str, int]]:
    """Key, state and number of tries of each of the owner's messages, in order."""
    with store.begin() as memory:
        query = "SELECT key, state, attempts FROM outbox WHERE owner = ? ORDER BY id"
        return [(row.key, row.state, row.attempts) for row in memory.conn.exec_driver_sql(query, (store.owner,))]


def seen(store: Store, name: str) -> list[Evidence]:
    """How it is known that the owner has seen the post of that name."""
    with store.begin() as memory:
        facts = memory.seen.known("item", [post(name).uri]).get(post(name).uri, [])
    return [fact.evidence for fact in facts]
