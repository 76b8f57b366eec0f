"""What all chats have in common: a message is an item, a chat is the thread it stands in, and somebody wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from memory.records import Account, Evidence, Fetched, Item, Kind, Media, Reaction, Seen, Visibility
from tools.canonical import canonical
from tools.importers.rows import Whose
from tools.importers.words import links_in, person, said, tags_in, uri


@dataclass(frozen=True)
class Line:
    """One message, under its ``key`` within its chat; ``answers`` is the key of another one."""

    key: str
    author: Account
    at: datetime
    text: str
    own: bool = False
    answers: str = ""
    media: Iterable[Media] = ()
    edited_at: datetime | None = None
    visibility: Visibility = Visibility.DIRECT
    links: Iterable[str] = ()


@dataclass
class Chat:
    """One chat of an export. ``key`` is what it is known by from one export to the next.

    A message answers its chat, unless it is known what else it answers: so all of a chat is one thread, whose key is
    the URI of the chat; an Account of that URI bears its name.
    """

    source: str
    key: str
    name: str
    whose: Whose
    kind: str = "chat"
    _told: set[str] = field(default_factory=set, init=False, repr=False)
    _said: set[str] = field(default_factory=set, init=False, repr=False)

    @property
    def uri(self) -> str:
        """What the chat itself is called."""
        return uri(self.source, self.key)

    def message(self, line: Line) -> Fetched:
        """What somebody says here, and who has not been heard before. Raises ValueError."""
        item = self._item(line, self.whose.instant(line.at))
        self._said.add(line.key)
        return Fetched(
            item=item,
            accounts=self._new(line.author),
            reactions=(Reaction(Kind.AUTHORED, item.created_at, item.uri, self.source),) if line.own else (),
            seen=tuple(known(item, line.own)),
        )

    def _item(self, line: Line, at: datetime) -> Item:
        text, name = said(line.text), uri(self.source, self.key, line.key)
        return Item(
            uri=name,
            ref=name,
            author=line.author.uri,
            created_at=at,
            text=text,
            source=self.source,
            kind=self.kind,
            visibility=line.visibility,
            edited_at=self.whose.instant(line.edited_at) if line.edited_at else None,
            reply_to=uri(self.source, self.key, line.answers) if line.answers in self._said else self.uri,
            links=tuple(dict.fromkeys((*links_in(text), *line.links))),
            tags=tags_in(text),
            media=tuple(line.media),
        )

    def gone(self, key: str) -> Fetched:
        """A message that was deleted there."""
        self._said.discard(key)
        return Fetched(gone=(uri(self.source, self.key, key),))

    def _new(self, author: Account) -> tuple[Account, ...]:
        """Whoever was not heard before, and the chat itself the first time."""
        itself = person(self.source, self.key, self.name or self.key)
        itself = Account(self.uri, itself.handle, itself.name)
        new = tuple(account for account in (itself, author) if account.uri not in self._told)
        self._told.update(account.uri for account in new)
        return new


def known(item: Item, own: bool) -> Iterable[Seen]:
    """What the owner knows by having had this: what one wrote, and (likely) the links that one was sent."""
    if own:
        yield Seen("item", item.uri, item.created_at, Evidence.AUTHORED)
        return
    strength = Evidence.MARKER.strength  # it was there to be read, and probably was
    for link in item.links:
        yield Seen("link", canonical(link), item.created_at, Evidence.MARKER, strength)
