"""What a chat model may do while it answers: look further into the owner's archive. Nothing here writes or sends.

Each is a LangChain tool. Its content says how much was found; what was found is its artifact, a list of hits, because
strangers wrote it: it reaches the model as numbered passages between fences, as all that is searched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from memory.query import NO_FILTERS, Filters, Hit
from memory.records import Consent, Item
from memory.search import Archive
from memory.store import Memory

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

FOUND = 5
"""Most hits that one look brings."""

TREND = timedelta(days=2)
Looked = tuple[str, list[Hit]]


class Words(BaseModel):
    """What to search for."""

    words: str = Field(max_length=120, description="what to search for, in a few plain words")


class Number(BaseModel):
    """One of the passages."""

    number: int = Field(ge=1, le=99, description="the number of a passage")


class Person(BaseModel):
    """Somebody in the network."""

    who: str = Field(max_length=120, description="a handle, such as name@host")


class Nothing(BaseModel):
    """It needs no telling."""


@dataclass(frozen=True)
class Hands:
    """Looks into one owner's archive. ``may_read`` says what may be shown to the model that looks.

    ``passages`` are what it has read so far: its numbers, from 1, count through them.
    """

    archive: Archive
    now: Callable[[], datetime]
    may_read: Callable[[Item], bool]
    owner_uri: str = ""
    filters: Filters = NO_FILTERS
    passages: Callable[[], Sequence[Hit]] = tuple

    def search_archive(self, words: str) -> Looked:
        """Search the archive for other words; within what the question asks for (time, people, kinds)."""
        found = self.archive.search(words, 4 * FOUND, self.filters)
        return self._told([hit for hit in found if self.may_read(hit.item)])

    def read_item(self, number: int) -> Looked:
        """Read all of what a passage is a part of."""
        return self._whole(self._item(number))

    def thread_of(self, number: int) -> Looked:
        """Read the thread that a passage belongs to, oldest first."""
        items = self._item(number)
        with self.archive.store.begin() as memory:
            thread = [post for item in items for post in memory.items.in_thread(item.thread or item.ref)]
            return self._whole(self._open(memory, thread))

    def posts_by(self, who: str) -> Looked:
        """Read the newest posts of somebody."""
        with self.archive.store.begin() as memory:
            account = memory.accounts.by_handle(who)
            return self._whole(self._open(memory, memory.items.by_author(account.uri) if account else []))

    def what_is_trending(self) -> Looked:
        """Read what most people in the network have shared in the last two days."""
        until = self.now()
        sharers: dict[str, set[str]] = defaultdict(set)
        with self.archive.store.begin() as memory:
            for share in memory.shares.between(until - TREND, until):
                if share.account != self.owner_uri:
                    sharers[share.item].add(share.account)
            best = sorted(sharers, key=lambda uri: (-len(sharers[uri]), uri))[: 4 * FOUND]
            items = memory.items.all(best)
            return self._whole(self._open(memory, (items[uri] for uri in best if uri in items)))

    def list_notes(self) -> Looked:
        """Read the owner's newest notes."""
        with self.archive.store.begin() as memory:
            return self._whole(reversed(memory.notes.all()))

    def tools(self) -> list[StructuredTool]:
        """All of them, as a model is told of them."""
        from langchain_core.tools import StructuredTool

        forms: list[tuple[Callable[..., Looked], type[BaseModel]]] = [
            (self.search_archive, Words),
            (self.read_item, Number),
            (self.thread_of, Number),
            (self.posts_by, Person),
            (self.what_is_trending, Nothing),
            (self.list_notes, Nothing),
        ]
        return [
            StructuredTool.from_function(
                hand,
                name=hand.__name__,
                description=(hand.__doc__ or "").splitlines()[0],
                args_schema=form,
                response_format="content_and_artifact",
            )
            for hand, form in forms
        ]

    def _item(self, number: int) -> list[Item]:
        passages = self.passages()
        return [passages[number - 1].item] if 1 <= number <= len(passages) else []

    def _open(self, memory: Memory, items: Iterable[Item]) -> list[Item]:
        """Without those whose authors ask to be kept out of searches, and what the owner's rules hide."""
        accounts = memory.accounts.all()
        hidden = {rule.key for rule in memory.rules.active(self.now()) if rule.kind in ("mute", "block")}

        def is_open(item: Item) -> bool:
            author = accounts.get(item.author)
            return item.author not in hidden and not (author and Consent.NOINDEX in author.asks)

        return [item for item in items if is_open(item)]

    def _whole(self, items: Iterable[Item]) -> Looked:
        return self._told([Hit(item, 0.0, ("looked up",)) for item in items if self.may_read(item)])

    def _told(self, hits: Sequence[Hit]) -> Looked:
        return f"{len(hits[:FOUND])} found", list(hits[:FOUND])
