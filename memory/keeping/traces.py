"""Words that stand neither in a post nor in what was said: where links led, what failed, what waits for a yes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from memory.keeping.choosing import Says, strings
from memory.schema import resolved_links, runs
from memory.store import Memory

ASKED: Final = "forgetting"
"""The preference that says what the owner was asked whether to forget."""
OFFERED: Final = "parcels"
"""The preference that holds the files which were sent, with the names of those who talk in them."""


def forget_links(memory: Memory, found: Callable[[str, str], bool]) -> int:
    """Where links led, of those for which ``found`` says so of address and canonical name; returns how many."""
    mine = resolved_links.c.owner == memory.owner
    known = memory.conn.execute(select(resolved_links.c.url, resolved_links.c.canonical).where(mine)).all()
    urls = [url for url, canonical in known if found(url, canonical)]
    for url in urls:
        memory.conn.execute(delete(resolved_links).where(mine, resolved_links.c.url == url))
    return len(urls)


def forget_failures(memory: Memory, says: Says) -> int:
    """What went wrong with something of that name; the runs stay. Returns how many causes are gone."""
    count = 0
    of_owner = select(runs.c.id, runs.c.failures).where(runs.c.owner == memory.owner)
    for number, failures in memory.conn.execute(of_owner).all():
        left = [failure for failure in failures if not says(failure)]
        count += len(failures) - len(left)
        if len(left) < len(failures):
            memory.conn.execute(update(runs).where(runs.c.id == number).values(failures=left))
    return count


def forget_offers(memory: Memory, says: Says, at: datetime) -> int:
    """What waits for a yes of the owner; returns how many."""
    asked, kept, count = memory.preferences.get(ASKED), memory.preferences.get(OFFERED), 0
    if asked and says(strings(asked)):
        memory.preferences.choose(ASKED, None, at)
        count += 1
    if kept and (gone := [one for one in kept["waiting"] if says(strings(one))]):
        waiting = [one for one in kept["waiting"] if one not in gone]
        memory.preferences.choose(OFFERED, {**kept, "waiting": waiting}, at)
        count += len(gone)
    return count
