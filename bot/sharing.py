"""What the owner hands to Magpie: kept in the archive, or declined in a sentence. Nothing in it is ever obeyed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from bot.channels.rendering import shorten
from bot.parcels import Parcels
from bot.speaking import say
from memory.records import Account, Evidence, Item, Kind, Message, Outgoing, Reaction, Shared, Visibility, fingerprint
from memory.store import Memory
from memory.store.notes import HANDED, SOURCE
from memory.store.questions import STOPPED
from tools.links import canonical

__all__ = ["taken"]

_MOMENT: Final = timedelta(seconds=2)
_DECLINED: Final = {
    "voice": "I cannot listen. Please write it to me.",
    "picture": "I cannot look at pictures. With a caption I keep that.",
    "other": "I cannot keep that. Forward me posts, links or text.",
}


def taken(memory: Memory, message: Message, now: datetime) -> Outgoing | None:
    """Keep what was shared, and the answer to it; a file is answered when it was looked into."""
    shared = message.shared or Shared("other")
    if shared.kind == "file":
        Parcels(memory, now).put(message)
        return None
    if shared.kind in _DECLINED or not (shared.text or shared.url or shared.links):
        told = _DECLINED.get(shared.kind, _DECLINED["other"])
    else:
        told = _kept(memory, message, shared, now)
    return say(f"answer/{message.platform_id}", told, reply_to=message.platform_id)


def _kept(memory: Memory, message: Message, shared: Shared, now: datetime) -> str:
    item = memory.items.get(shared.url) or memory.items.get(_uri(shared))
    known = item is not None
    if item is None:
        author = _author(shared)
        if author is not None:
            memory.accounts.keep([author])
        item = _item(shared, author.uri if author else _owner(memory), min(shared.at or message.at, now))
        if memory.items.keep(item, now) == "gone":
            return "You have asked me to forget that, so I do not keep it."
        item = memory.items.get(item.uri) or item
    event = f"{message.channel}:{message.platform_id}:kept"
    memory.reactions.add(Reaction(Kind.BOOKMARK, min(message.at, now), item.uri, message.channel, event=event))
    memory.items.make_searchable(item.uri)
    memory.seen.add_item(item, now, Evidence.REACTED)
    about = shorten(" ".join((item.title or item.text or item.url).split()), 60)
    told = f"“{about}” was in your archive already" if known else f"“{about}” is in your archive now"
    note = shared.note or _words_before(memory, message, shared)
    if not note:
        return f"🔖 {told}."
    memory.notes.add(f"{note}\n{shared.url or f'(to what {shared.author} wrote)'}", _owner(memory), now)
    return f"🔖 {told}, with your note."


def _words_before(memory: Memory, message: Message, shared: Shared) -> str:
    """What was said a moment before and taken for a question, which is no question any more; empty for none.

    Some platforms tell of words and of what they were put to one by one.
    """
    asked = memory.questions.of(message.channel, shared.after) if shared.after else None
    if asked is None or asked.message != shared.after or message.at - asked.at > _MOMENT:
        return ""
    return asked.text if memory.questions.settle(asked.id, STOPPED) else ""


def _uri(shared: Shared) -> str:
    if shared.url:
        return canonical(shared.url)
    return f"{HANDED}{fingerprint(f'{shared.author} {shared.at} {shared.text} {shared.links}')}"


def _item(shared: Shared, author: str, at: datetime) -> Item:
    """Whatever is not open to all is the owner's alone."""
    uri = _uri(shared)
    return Item(
        uri,
        uri,
        author,
        at,
        shared.text,
        url=shared.url,
        source=_source(shared),
        kind=shared.kind,
        title="" if shared.text else (shared.url or shared.links[0]),
        visibility=Visibility.PUBLIC if shared.open else Visibility.DIRECT,
        links=shared.links,
        canonical=tuple(map(canonical, shared.links)),
    )


def _source(shared: Shared) -> str:
    """Only words of the owner's own were said to Magpie."""
    if shared.kind == "link":
        return "links"
    return "forwards" if shared.author else SOURCE


def _author(shared: Shared) -> Account | None:
    """Whoever wrote it, as far as that is told; for a bare link its site; None for the owner's own words."""
    if shared.handle:
        name, _, host = shared.handle.partition("@")
        return Account(f"https://{host}/{name}", shared.handle, shared.author)
    if shared.author:
        return Account(f"magpie:somebody/{fingerprint(shared.author)}", shared.author, shared.author)
    site = urlsplit(shared.url).hostname
    return Account(f"https://{site}/", site) if site else None


def _owner(memory: Memory) -> str:
    account = memory.accounts.by_handle(memory.owner)
    return account.uri if account else memory.owner
