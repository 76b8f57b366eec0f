"""Where an item can be read: a link where one opens, else the words by which its owner knows the place. Pure.

A chat has an account that bears its name; a person of the same handle is the one that the chat was with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.channels.rendering import safe_url
from memory.records import Account, Item, Span

_THE_OWNER: Final = ":person/me"
"""How the URI ends of whoever wrote what an export names no author of."""


def place_of(item: Item, accounts: Mapping[str, Account], label: str = "", url: str = "") -> Span:
    """A link to the item, or to a better ``url``, with its label; words where a browser could not open it."""
    address = url or item.url or item.uri
    return Span("link", label, address) if safe_url(address) else Span("text", called(item, accounts))


def called(item: Item, accounts: Mapping[str, Account]) -> str:
    """What one would look for: "chat with Bea", "note “Tides”", "message from telegram"."""
    if chat := accounts.get(item.thread):
        alone = any(one.handle == chat.handle and one.uri != chat.uri for one in accounts.values())
        return f"{item.kind} with {chat.name}" if alone else f"{item.kind} “{chat.name or chat.handle}”"
    return f"{item.kind} “{item.title}”" if item.title else f"{item.kind} from {item.source}"


def by_owner(item: Item) -> bool:
    """Whether the owner wrote it under no name at all, as one writes notes."""
    return item.author.endswith(_THE_OWNER)
