"""What the owner is talking about: which digest, and which of its entries, by the message that is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.feedback import Feedback
from memory.records import Digest, Entry, Imprint, Message, Reaction
from memory.store import Memory

REMEMBERED = timedelta(days=60)
ASTRAY = timedelta(days=1)
"""So long after its last try a message may still appear where it is said, or be guessed to be there."""
_CLOCKS_DIFFER = timedelta(minutes=1)


def digest_meant(memory: Memory, message: Message, now: datetime) -> Digest | None:
    """The digest whose message is replied to, else the latest of this channel."""
    number = memory.messages.entry_of(message.channel, message.reply_to)
    entry = memory.digests.entry(number) if number else None
    whole = memory.messages.digest_of(message.channel, message.reply_to)  # its head, or its compact form
    recent = memory.digests.since(now - REMEMBERED) if whole else []
    meant = memory.digests.digest_of(entry) if entry else next((d for d in recent if d.id == whole), None)
    return meant or memory.digests.latest(message.channel) or memory.digests.latest()


def perhaps_meant(memory: Memory, event: Message | Reaction, channel: str, now: datetime) -> list[Entry]:
    """All entries that an event may be about: the one that it answers, and those whose numbers it names."""
    if isinstance(event, Reaction):
        number, entries = told(memory, channel, event.message, now), list[Entry]()
    else:
        number, digest = memory.messages.entry_of(channel, event.reply_to), digest_meant(memory, event, now)
        named = {int(digits) for digits in re.findall(r"\d{1,3}", event.text)}
        entries = [entry for entry in digest.entries if entry.number in named] if digest else []
    answered = memory.digests.entry(number) if number else None
    return [*entries, answered] if answered else entries


def told(memory: Memory, channel: str, platform_id: str, now: datetime) -> int | None:
    """The entry that this very message told of.

    One that is not recorded is the one whose sending is in doubt, if no other can be meant.
    """
    if not platform_id or memory.messages.known(channel, platform_id):
        return memory.messages.told_entry(channel, platform_id)
    astray = memory.outbox.astray(channel, now - ASTRAY)
    return astray[0].entry_id if len(astray) == 1 and astray[0].in_doubt else None


def recognise(memory: Memory, channel: str, event: Message | Reaction) -> None:
    """Keep the id of a message that is not recorded, but shows itself what it tells of.

    It may have been said, and said again, before its id came back, or appear only when its repeat is recorded.
    """
    shown, platform_id = event.imprint, event.message if isinstance(event, Reaction) else event.reply_to
    if shown is None or memory.messages.known(channel, platform_id):
        return
    about = memory.outbox.about(channel, shown.key) if shown.key else _numbered(memory, channel, shown)
    if about is not None:
        said = Message(channel, "", shown.at or event.at, platform_id, incoming=False)
        memory.messages.add(said, *about)


def _numbered(memory: Memory, channel: str, shown: Imprint) -> tuple[int | None, int | None] | None:
    """Of entries with this number, the one that was tried latest when the message was said."""
    if not shown.number or shown.at is None:
        return None
    latest = shown.at + _CLOCKS_DIFFER
    for queued in sorted(memory.outbox.astray(channel, shown.at - REMEMBERED), key=lambda one: one.id, reverse=True):
        entry = memory.digests.entry(queued.entry_id) if queued.entry_id else None
        if entry and entry.number == shown.number and queued.tried_at and queued.tried_at <= latest:
            return queued.entry_id, queued.digest_id
    return None


def which(sign: Feedback, entries: Mapping[int, Entry]) -> str:
    """What is asked back where feedback is about no entry that there is."""
    if not entries:
        return f"{sign.emoji}: there is no digest yet that it could be about."
    if sign.number is not None:
        return f"{sign.emoji}: there is no entry {sign.number}; the digest has 1 to {len(entries)}."
    return f"{sign.emoji}: which entry? Answer that entry, or write for example “2 {sign.emoji}”."
