"""Stand-ins at the ports, with verbs. Each keeps its port's promises, and lives in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.channels import NEW as NEVER_TRIED
from bot.channels import Past
from config.errors import ChannelError, DoubtfulSendError, SourceError
from memory.records import (
    Account,
    Consent,
    Cursor,
    Digest,
    Entry,
    Fetched,
    How,
    Item,
    Message,
    Outgoing,
    Reaction,
    Share,
    Span,
)

Array = NDArray[np.float32]

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNER = "me@home.example"


def account(name: str, *asks: Consent, followed: bool | None = True) -> Account:
    """Somebody on fedi.example."""
    return Account(
        f"https://fedi.example/users/{name}", f"{name}@fedi.example", followed=followed, asks=frozenset(asks)
    )


def post(
    name: str, text: str | None = None, by: str = "ann", at: datetime = NOW, reply_to: str = "", **more: Any
) -> Item:
    """A post that is called ``name`` in its URI and its ref; ``reply_to`` is a name too."""
    item = Item(
        uri=f"https://fedi.example/posts/{name}",
        ref=ref(name),
        author=account(by).uri,
        created_at=at,
        text=f"the words of {name}" if text is None else text,
        url=f"https://fedi.example/@{by}/{name}",
        source="village",
        reply_to=ref(reply_to) if reply_to else "",
        canonical=more.get("links", ()),
    )
    return replace(item, **more)


def ref(name: str) -> str:
    """What the source calls the post of that name."""
    return f"https://fedi.example#{name}"


def digest(*leads: Item, channel: str = "pigeon", day: int = 0) -> Digest:
    """A digest of one-item stories, a number of days after NOW."""
    entries = tuple(
        Entry(number, lead.uri, (lead.uri,), (lead.author,), reasons=("it is new",), summary=f"On {lead.text}")
        for number, lead in enumerate(leads, 1)
    )
    made = NOW + timedelta(days=day)
    return Digest(made.date(), channel, made, made - 24 * HOUR, entries)


def words(key: str, text: str, **more: Any) -> Outgoing:
    """A message of plain words."""
    return Outgoing(key, (Span("text", text),), **more)


@dataclass
class HashedWords:
    """An embedder to whom texts are near that share words."""

    name: str = "hashed words"
    dim: int = 64
    asked: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> Array:
        """Unit rows (n, dim)."""
        self.asked += texts
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or ["nothing"]:
                row[crc32(word.encode()) % self.dim] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass
class ShelfIndex:
    """A vector index that is a dict."""

    held: dict[int, Array] = field(default_factory=dict)

    def add(self, ids: Sequence[int], vectors: Array) -> None:
        """Add or replace."""
        self.held |= dict(zip(ids, vectors, strict=True))

    def delete(self, ids: Sequence[int]) -> None:
        """Forget."""
        for number in ids:
            self.held.pop(number, None)

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """Nearest first."""
        near = [(number, float(vector @ other)) for number, other in self.held.items()]
        return sorted(near, key=lambda pair: -pair[1])[:count]

    def count(self) -> int:
        """How many."""
        return len(self.held)

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Begin anew."""
        self.held.clear()
        for ids, vectors in batches:
            self.add(ids, vectors)


@dataclass
class Village:
    """A source: what happens there is told in order. Its cursor is the number of steps told."""

    name: str = "village"
    steps: list[Fetched | SourceError | Exception] = field(default_factory=list)
    standing: dict[str, Fetched] = field(default_factory=dict)  # what recheck finds, by ref
    asked: list[Cursor] = field(default_factory=list)

    def posts(self, item: Item, *asks: Consent, **more: Any) -> Item:
        """An account, which may ask for something, posts; or edits, if the item has been there before."""
        share = Share(item.author, item.uri, item.created_at, How.REPLIED if item.reply_to else How.POSTED)
        name = item.author.rsplit("/", 1)[-1]
        fetched = Fetched(item=replace(item, source=self.name), accounts=(account(name, *asks),), shares=(share,))
        self.steps.append(replace(fetched, **more))
        return item

    def boosts(self, by: str, item: Item, *asks: Consent, at: datetime = NOW) -> str:
        """Somebody boosts what another, who may ask for something, has posted. Returns the boost's ref."""
        boost = ref(f"boost-{by}-{item.uri.rsplit('/', 1)[-1]}")
        author = account(item.author.rsplit("/", 1)[-1], *asks, followed=None)
        share = Share(account(by).uri, item.uri, at, How.BOOSTED, boost)
        self.steps.append(Fetched(item=item, accounts=(account(by), author), shares=(share,)))
        return boost

    def tells(self, **fetched: Any) -> None:
        """Anything else."""
        self.steps.append(Fetched(**fetched))

    def deletes(self, *refs: str) -> None:
        """Posts or boosts are gone."""
        self.tells(gone=refs)

    def garbles(self, why: str = "Post 7 was left out.") -> None:
        """A row that cannot be read."""
        self.steps.append(SourceError(why))

    def breaks(self, error: Exception) -> None:
        """The stream ends with an error, once."""
        self.steps.append(_BrokenError(error))

    def fetch(self, cursor: Cursor | None) -> Iterator[Fetched | SourceError]:
        """Everything since ``cursor``."""
        self.asked.append(dict(cursor or {}))
        for number, step in enumerate(self.steps):
            if number < int((cursor or {}).get("home", "0")):
                continue
            if isinstance(step, _BrokenError):
                self.steps[number] = Fetched()
                raise step.error
            yield step if isinstance(step, SourceError) else replace(step, cursor={"home": str(number + 1)})

    def recheck(self, refs: Sequence[str]) -> Iterator[Fetched | SourceError]:
        """What stands there now."""
        yield from (self.standing[name] for name in refs if name in self.standing)


class _BrokenError(Exception):
    def __init__(self, error: Exception) -> None:
        self.error = error


@dataclass
class Pigeon:
    """A channel. What it has said is in ``said``; the same key is said once, as on a platform that knows keys.

    Without ``knows_keys`` it finds out by itself what it has said, if it is told that there is something in doubt; or
    else it says it twice, and that is in ``doubled``. ``splits`` tells what it carries in how many parts.
    """

    name: str = "pigeon"
    knows_keys: bool = True
    said: dict[str, Outgoing] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    heard: list[Message | Reaction] = field(default_factory=list)
    troubles: dict[str, list[ChannelError]] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    splits: dict[str, int] = field(default_factory=dict)
    pasts: list[Past] = field(default_factory=list)

    def hears(self, text: str, at: datetime = NOW, reply_to: str = "") -> Message:
        """The owner says something."""
        message = Message(self.name, text, at, f"in{len(self.heard)}", reply_to, cursor=str(len(self.heard) + 1))
        self.heard.append(message)
        return message

    def falters(self, key: str, *errors: ChannelError) -> None:
        """The next sends of that key fail; a doubtful one has arrived all the same."""
        self.troubles[key] = list(errors)

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """What was heard since."""
        yield from self.heard[int(cursor or 0) :]

    def send(self, out: Outgoing, past: Past = NEVER_TRIED) -> tuple[str, ...]:
        """Say it, once for each key."""
        self.tried.append(out.key)
        self.pasts.append(past)
        trouble = self.troubles.get(out.key)
        error = trouble.pop(0) if trouble else None
        if error is None or isinstance(error, DoubtfulSendError):
            if out.key in self.said and not (self.knows_keys or past.tried_at):
                self.doubled.append(out.key)
            self.said.setdefault(out.key, out)
        if error is not None:
            raise error
        first = f"p{list(self.said).index(out.key)}"
        return (first, *(f"{first}.{part}" for part in range(1, self.splits.get(out.key, 1))))
