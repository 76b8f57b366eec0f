"""What the owner is talking about: which digest, and which of its entries, by the message that is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.feedback import Feedback
from memory.records import Digest, Entry, Message, Reaction
from memory.store import Memory

REMEMBERED = timedelta(days=60)


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
        number, entries = memory.messages.told_entry(channel, event.message), list[Entry]()
    else:
        number, digest = memory.messages.entry_of(channel, event.reply_to), digest_meant(memory, event, now)
        named = {int(digits) for digits in re.findall(r"\d{1,3}", event.text)}
        entries = [entry for entry in digest.entries if entry.number in named] if digest else []
    answered = memory.digests.entry(number) if number else None
    return [*entries, answered] if answered else entries


def which(sign: Feedback, entries: Mapping[int, Entry]) -> str:
    """What is asked back where feedback is about no entry that there is."""
    if not entries:
        return f"{sign.emoji}: there is no digest yet that it could be about."
    if sign.number is not None:
        return f"{sign.emoji}: there is no entry {sign.number}; the digest has 1 to {len(entries)}."
    return f"{sign.emoji}: which entry? Answer that entry, or write for example “2 {sign.emoji}”."
