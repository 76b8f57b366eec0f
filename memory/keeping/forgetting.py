"""Forgetting: a post that was deleted where it came from, and whatever the owner wants Magpie to know no longer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, delete, select, text, update

from memory.keeping import traces
from memory.keeping.beginning import FORGOTTEN, begin
from memory.keeping.choosing import Choice, Says, strings
from memory.records import Account, Item, Outgoing
from memory.schema import (
    accounts,
    digests,
    entries,
    interests,
    item_links,
    judgements,
    messages,
    metadata,
    model_calls,
    outbox,
    questions,
    reactions,
    rules,
    runs,
    seen,
    shares,
)
from memory.store import Memory
from memory.store.outbox import OPEN
from memory.store.questions import STOPPED, WAITING

_NOUNS: Final = {
    accounts: "accounts",
    digests: "digests",
    messages: "messages",
    questions: "questions",
    reactions: "reactions",
    interests: "wishes",
    rules: "mutes and other rules",
    runs: "runs",
    model_calls: "calls of a model",
    judgements: "judgements of a model",
}
"""What is counted when everything is forgotten, besides posts."""


def forget(memory: Memory, ref: str, at: datetime) -> bool:
    """A post was deleted (or a boost taken back): its words go from everywhere, and what waits about it is not said."""
    item = memory.items.purge(ref, at)
    if item is None:
        return memory.shares.remove(ref)
    led = memory.digests.forget_item(item.uri)
    memory.messages.forget(memory.outbox.forget_item(item.uri, [entry.id for entry in led], at))
    for entry in led:
        digest = memory.digests.digest_of(entry)
        if digest is not None:
            memory.outbox.drop_entry(digest.id, entry.number)
    memory.runs.forget_item(item.uri)
    memory.judgements.forget_item(item.uri)
    memory.stories.forget_item(item)
    return True


def forget_everything(memory: Memory, at: datetime) -> Counter[str]:
    """All rows of the owner, cursors and tombstones included: Magpie begins anew.

    What is left is the instant, so that nothing is heard again that was said before it. Returns how much of what there
    was.
    """
    counts = Counter({"posts": memory.items.count(), **dict.fromkeys(_NOUNS.values(), 0)})  # told in this order
    words = text("DELETE FROM passages_fts WHERE rowid IN (SELECT id FROM passages WHERE owner = :owner)")
    memory.conn.execute(words, {"owner": memory.owner})
    for table in reversed(metadata.sorted_tables):
        if "owner" in table.columns:
            done = memory.conn.execute(delete(table).where(table.c.owner == memory.owner))
            if table in _NOUNS:
                counts[_NOUNS[table]] += done.rowcount
    memory.items.sweep()
    begin(memory, at, FORGOTTEN)
    return counts


class _TriedError(Exception):
    """It was only to be counted."""


def would_forget(memory: Memory, choice: Choice, at: datetime) -> Counter[str]:
    """How much of what would be forgotten; nothing is."""
    counts = Counter[str]()
    with suppress(_TriedError), memory.part():
        counts = forget_choice(memory, choice, at)
        raise _TriedError
    return +counts


def forget_choice(memory: Memory, choice: Choice, at: datetime) -> Counter[str]:
    """Everything that was chosen, and every trace of it; what it was called is kept, so that it is not collected again.

    Returns how much of what was found and forgotten.
    """
    forgetter = Forgetter(memory, at)
    forgetter.items(choice.items)
    if choice.account is not None:
        forgetter.account(choice.account)
    if choice.says is not None:
        forgetter.words(choice.says)
        forgetter.wishes(choice.says)
    if choice.since is not None and choice.until is not None:
        forgetter.time(choice.since, choice.until)
    memory.items.sweep()
    return forgetter.counts


@dataclass
class Forgetter:
    """Takes out of one memory, within one transaction, what is found in it."""

    memory: Memory
    at: datetime
    counts: Counter[str] = field(default_factory=Counter)

    def items(self, chosen: Collection[Item]) -> None:
        """Posts, what was done with them, and what was said and thought about them."""
        uris = {item.uri for item in chosen}
        told = self._entries(lambda row: not uris.isdisjoint(row.items), lambda row: _without(row, uris))
        self._messages(lambda row: row.entry_id in told)
        self._outgoing(lambda row: row.entry_id in told or not uris.isdisjoint(row.payload.get("about", ())))
        self._calls(lambda row: not uris.isdisjoint(row.inputs))
        for item in chosen:
            self.memory.items.purge(item.ref, self.at)
            self._delete("reactions", reactions, reactions.c.item == item.uri)
            self.counts["judgements of a model"] += self.memory.judgements.forget_item(item.uri)
            self.memory.stories.forget_item(item)
            self._unsee(item)
        self.counts["posts"] += len(chosen)

    def account(self, account: Account) -> None:
        """Somebody: what they shared, and where they are named in what Magpie has said. They are not taken in again."""
        whole, short = re.escape(account.handle), re.escape(account.handle.split("@")[0])
        named = re.compile(rf"\b{whole}\b|@{short}\b", re.IGNORECASE)
        self._delete("shares", shares, shares.c.account == account.uri)
        self._entries(
            lambda row: account.uri in row.sharers,
            lambda row: {"sharers": [uri for uri in row.sharers if uri != account.uri], "scored": _bare(row.scored)},
        )
        self.words(lambda said: named.search(said) is not None)
        self.memory.accounts.bury(account.uri, self.at)

    def words(self, says: Says) -> None:
        """Whatever was said or thought with these words, by either side."""
        self._entries(lambda row: says(strings(row.scored)), lambda row: {"scored": _bare(row.scored)})
        self._outgoing(lambda row: says(strings(row.payload)))
        self._messages(lambda row: says(row.text))
        self._questions(lambda row: says(row.text))
        self._calls(lambda row: says(f"{strings(row.messages)}\n{row.output}"))
        for row in self._rows(judgements):
            if says(f"{row.reason}\n{row.quote}"):
                self._change(judgements, row.id, {"reason": "", "quote": ""})
        for row in self._rows(digests):
            notes = [note for note in row.notes if not says(note)]
            if len(notes) < len(row.notes):
                self._change(digests, row.id, {"notes": notes})
        self.counts["links"] += traces.forget_links(self.memory, lambda url, canonical: says(f"{url}\n{canonical}"))
        self.counts["failures"] += traces.forget_failures(self.memory, says)
        self.counts["offers"] += traces.forget_offers(self.memory, says, self.at)

    def wishes(self, says: Says) -> None:
        """Interests in it."""
        for topic in self.memory.rules.interests():
            if says(topic):
                self.memory.rules.drop_interest(topic)
                self.counts["interests"] += 1

    def time(self, since: datetime, until: datetime) -> None:
        """What was said, done and thought in that time."""
        made = {row.id for row in self._rows(digests) if since <= row.made_at < until}
        self._entries(lambda row: row.digest_id in made, lambda row: _nothing(row.scored))
        self._outgoing(lambda row: since <= row.queued_at < until)
        self._messages(lambda row: since <= row.at < until)
        self._questions(lambda row: since <= row.at < until)
        self._calls(lambda row: since <= row.at < until)
        self._delete("reactions", reactions, reactions.c.at >= since, reactions.c.at < until)
        self._delete("judgements of a model", judgements, judgements.c.at >= since, judgements.c.at < until)
        for number in made:
            self._change(digests, number, {"notes": []})

    def _entries(self, found: Callable[[Row[Any]], bool], changed: Callable[[Row[Any]], Mapping[str, Any]]) -> set[int]:
        """Returns the numbers of those that tell of nothing any more: they were led by what is forgotten."""
        emptied = set()
        for row in self._rows(entries):
            if found(row):
                values = changed(row)
                self._change(entries, row.id, values)
                self.counts["entries of digests"] += 1
                if values.get("lead") == "":
                    emptied.add(row.id)
        for number in emptied:
            entry = self.memory.digests.entry(number)
            digest = entry and self.memory.digests.digest_of(entry)
            if entry and digest:
                self.memory.outbox.drop_entry(digest.id, entry.number)
        return emptied

    def _outgoing(self, found: Callable[[Row[Any]], bool]) -> None:
        said = set()
        for row in self._rows(outbox):
            if row.payload.get("spans") and found(row):
                blank: dict[str, Any] = {"payload": asdict(Outgoing(key=row.key, spans=()))}
                blank |= {"state": "cancelled", "settled_at": self.at} if row.state in OPEN else {}
                self._change(outbox, row.id, blank)
                said.add((row.channel, row.platform_id))
        self._messages(lambda row: (row.channel, row.platform_id) in said)

    def _messages(self, found: Callable[[Row[Any]], bool]) -> None:
        for row in self._rows(messages):
            if row.text and found(row):
                self._change(messages, row.id, {"text": ""})
                self.counts["messages"] += 1

    def _questions(self, found: Callable[[Row[Any]], bool]) -> None:
        for row in self._rows(questions):
            if row.text and found(row):
                stopped = {"state": STOPPED} if row.state == WAITING else {}
                self._change(questions, row.id, {"text": "", **stopped})

    def _calls(self, found: Callable[[Row[Any]], bool]) -> None:
        for row in self._rows(model_calls):
            if found(row):
                self._delete("calls of a model", model_calls, model_calls.c.id == row.id)

    def _unsee(self, item: Item) -> None:
        """Unless another post is known for it, that a link or a thread was seen is not known any more either."""
        keys = {("item", item.uri)}
        if not self.memory.items.in_thread(item.thread):
            keys.add(("thread", item.thread))
        for link in item.canonical:
            other = select(item_links.c.item_id).where(item_links.c.owner == self.memory.owner)
            if self.memory.conn.execute(other.where(item_links.c.canonical == link).limit(1)).first() is None:
                keys.add(("link", link))
        traces.forget_links(self.memory, lambda url, canonical: ("link", canonical) in keys)
        for scope, key in keys:
            self._delete("sightings", seen, seen.c.scope == scope, seen.c.key == key)

    def _rows(self, table: Table) -> Iterable[Row[Any]]:
        return self.memory.conn.execute(select(table).where(table.c.owner == self.memory.owner)).all()

    def _change(self, table: Table, number: int, values: Mapping[str, Any]) -> None:
        self.memory.conn.execute(update(table).where(table.c.id == number).values(**values))

    def _delete(self, what: str, table: Table, *where: Any) -> None:
        done = self.memory.conn.execute(delete(table).where(table.c.owner == self.memory.owner, *where))
        self.counts[what] += done.rowcount


def _without(row: Row[Any], uris: Collection[str]) -> dict[str, Any]:
    """An entry that does not tell of these any more."""
    if row.lead in uris:
        return _nothing(row.scored)
    return {"items": [uri for uri in row.items if uri not in uris], "scored": {**row.scored, "summary": ""}}


def _nothing(scored: Mapping[str, Any]) -> dict[str, Any]:
    return {"lead": "", "items": [], "sharers": [], "scored": _bare(scored)}


def _bare(scored: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers without the words."""
    factors = [{**factor, "words": ""} for factor in scored["factors"]]
    return {**scored, "factors": factors, "reasons": [], "summary": "", "links": [], "threads": []}
