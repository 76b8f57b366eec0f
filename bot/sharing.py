"""What the owner hands to Magpie: kept in the archive, or declined in a sentence. Nothing in it is ever obeyed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.channels.rendering import shorten
from bot.speaking import say
from memory.records import Account, Evidence, Item, Kind, Message, Outgoing, Reaction, Shared, Visibility, fingerprint
from memory.store import Memory
from memory.store.notes import SOURCE
from tools.links import canonical

__all__ = ["taken"]

_DECLINED: Final = {
    "voice": "I cannot listen. Please write it to me.",
    "picture": "I cannot look at pictures. With a caption I keep that.",
    "other": "I cannot keep that. Forward me posts, links or text.",
}
_EXPORTS: Final = (
    (r"twitter-.+\.zip", "an archive of X"),
    (r"archive-\d{8,}.*\.(?:zip|tar\.gz)|(?:likes|bookmarks|outbox)\.json", "an archive of Mastodon"),
    (r"whatsapp chat.*\.(?:zip|txt)|_chat\.txt", "a chat of WhatsApp"),
    (r"result\.json", "an export of Telegram or of a WhatsApp exporter"),
    (r".+\.enex", "an export of Evernote"),
    (r".+\.mbox(?:\.zip)?", "a mailbox"),
    (r"bookmarks.*\.html?", "bookmarks of a browser"),
    (r"goodreads_library_export.*\.csv", "an export of Goodreads"),
    (r"my clippings\.txt", "clippings of a Kindle"),
    (r"watch-history\.(?:json|html)|takeout-.+\.zip", "an export of Google"),
    (r"(?:pocket|instapaper|raindrop|part_\d).*\.csv|.+\.csv", "a table of things kept"),
    (r".+\.car", "an export of Bluesky"),
    (r".+\.(?:jsonl|opml|md|pdf)", "something that I can read"),
)
"""Names of exports, the special ones first, and what they are."""


def taken(memory: Memory, message: Message, now: datetime) -> Outgoing:
    """Keep what was shared, and the answer to it."""
    shared = message.shared or Shared("other")
    if shared.kind == "file":
        told = _about_file(shared)
    elif shared.kind in _DECLINED or not (shared.text or shared.url or shared.links):
        told = _DECLINED.get(shared.kind, _DECLINED["other"])
    else:
        told = _kept(memory, message, shared, now)
    return say(f"answer/{message.platform_id}", told, reply_to=message.platform_id)


def _kept(memory: Memory, message: Message, shared: Shared, now: datetime) -> str:
    item = memory.items.get(shared.url) or memory.items.get(_uri(shared))
    known = item is not None
    if item is None:
        author = _author(shared)
        memory.accounts.keep([author])
        item = _item(shared, author, min(shared.at or message.at, now))
        if memory.items.keep(item, now) == "gone":
            return "You have asked me to forget that, so I do not keep it."
        item = memory.items.get(item.uri) or item
    event = f"{message.channel}:{message.platform_id}:kept"
    memory.reactions.add(Reaction(Kind.BOOKMARK, min(message.at, now), item.uri, message.channel, event=event))
    memory.items.make_searchable(item.uri)
    memory.seen.add_item(item, now, Evidence.REACTED)
    about = shorten(" ".join((item.title or item.text or item.url).split()), 60)
    told = f"“{about}” was in your archive already" if known else f"“{about}” is in your archive now"
    if not shared.note:
        return f"🔖 {told}."
    owner = memory.accounts.by_handle(memory.owner)
    note = "\n".join(part for part in (shared.note, shared.url or about) if part)
    memory.notes.add(note, owner.uri if owner else memory.owner, now)
    return f"🔖 {told}, with your note."


def _uri(shared: Shared) -> str:
    if shared.url:
        return canonical(shared.url)
    return f"magpie:shared/{fingerprint(f'{shared.author} {shared.at} {shared.text} {shared.links}')}"


def _item(shared: Shared, author: Account, at: datetime) -> Item:
    """Whatever is not open to all is the owner's alone."""
    uri = _uri(shared)
    return Item(
        uri,
        uri,
        author.uri,
        at,
        shared.text,
        url=shared.url,
        source=SOURCE,
        kind=shared.kind,
        title="" if shared.text else (shared.url or shared.links[0]),
        visibility=Visibility.PUBLIC if shared.open else Visibility.DIRECT,
        links=shared.links,
        canonical=tuple(map(canonical, shared.links)),
    )


def _author(shared: Shared) -> Account:
    """Whoever wrote it, as far as that is told; for a bare link its site."""
    if shared.handle:
        name, _, host = shared.handle.partition("@")
        return Account(f"https://{host}/{name}", shared.handle, shared.author)
    if shared.author:
        return Account(f"magpie:somebody/{fingerprint(shared.author)}", shared.author, shared.author)
    host = urlsplit(shared.url).hostname or "somebody"
    return Account(f"https://{host}/" if shared.url else "magpie:somebody", host)


def _about_file(shared: Shared) -> str:
    name = re.split(r"[/\\]", shared.name)[-1] or "a file without a name"
    if not shared.size:
        return f"“{name}” is empty."
    kind = next((words for pattern, words in _EXPORTS if re.fullmatch(pattern, name, re.IGNORECASE)), "")
    if not kind:
        return f"I do not know what “{name}” is. What I can take in, 'magpie import --help' tells on my machine."
    return (
        f"“{name}” ({_size(shared.size)}) looks like {kind}. Exports I take in from the disk only: copy it to the "
        f"machine that I run on, and say there: magpie import PATH"
    )


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(1, count // 1000)} kB"
