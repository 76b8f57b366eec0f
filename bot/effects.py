"""What a feedback emoji does: a reaction is stored, and Magpie says in a line what that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.numbers import counted
from agents.taste import Taste
from agents.taste.factors import FEEDBACK_POINTS, taste_points
from bot.speaking import Speaker
from memory.records import Entry, Evidence, Item, Kind, Reaction, Rule
from memory.store import Memory

Array = NDArray[np.float32]
NOTED = 0.05  # points


@dataclass(frozen=True)
class Felt:
    """Feedback on an entry that was stored, with the item that leads it. ``near`` (n, dim) are posts most like it."""

    kind: Kind
    emoji: str
    entry: Entry
    item: Item
    near: Array
    event: str = ""


def apply(memory: Memory, felt: Felt, at: datetime, event: str, channel: str) -> bool:
    """Store a feedback with all that follows from it; False when this very event is known."""
    reaction = Reaction(felt.kind, at, felt.item.uri, source=channel, emoji=felt.emoji, event=event)
    if not memory.reactions.add(reaction, felt.entry.id):
        return False
    if felt.kind not in (Kind.SEEN, Kind.LESS, Kind.MUTE):
        memory.items.make_searchable(felt.item.uri)
    else:
        for item in memory.items.all(felt.entry.items).values():
            memory.seen.add_item(item, at, Evidence.DISMISSED)
    if felt.kind is Kind.MUTE:
        memory.rules.add(Rule("mute", felt.item.author))
    return True


def lines(felts: Sequence[Felt], without: Callable[[Felt], Taste], taste: Taste, speaker: Speaker) -> list[str]:
    """One line for each feedback: what it was about and what it changes, by the taste as it were without this one."""
    return [_line(felt, without(felt), taste, speaker) for felt in felts]


def _line(felt: Felt, before: Taste, after: Taste, speaker: Speaker) -> str:
    about = f"{felt.entry.number} “{speaker.headline(felt.entry, 50)}”"
    author = f"@{speaker.handle(felt.item.author)}"
    match felt.kind:
        case Kind.MORE | Kind.LESS:
            word = "More" if felt.kind is Kind.MORE else "Less"
            return f"{felt.emoji} {word} like {about}. {_change(felt, before, after, author)}"
        case Kind.SAVE:
            return (
                f"{felt.emoji} Saved {about}; searching your archive finds it. {_change(felt, before, after, author)}"
            )
        case Kind.SEEN:
            return f"{felt.emoji} You knew {about}: neither it, nor its link or thread, comes again."
        case Kind.MUTE:
            return f"{felt.emoji} Nothing by {author} any more. “/unmute {author}” takes that back."
        case _:
            return f"{felt.emoji} {about} in full follows."


def _change(felt: Felt, before: Taste, after: Taste, author: str) -> str:
    """The numbers that move: the chance of posts like it, and the standing of its author."""
    parts = []
    if len(felt.near):
        old, new = (float(np.mean([points(taste, vector) for vector in felt.near])) for taste in (before, after))
        if abs(new - old) >= NOTED:
            parts.append(f"the {counted(len(felt.near), 'post')} most like it {old:+.1f} → {new:+.1f} points")
    old, new = before.author(felt.item.author), after.author(felt.item.author)
    if abs(new - old) >= 0.005:
        parts.append(f"{author} itself {old:+.2f} → {new:+.2f}")
    return f"In the next digest: {'; '.join(parts)}." if parts else "It counts in the next digest."


def points(taste: Taste, vector: Array) -> float:
    """What taste and feedback together give a text in the ranking."""
    return taste_points(taste.likes(vector)) + FEEDBACK_POINTS * taste.feedback(vector)
