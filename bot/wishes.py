"""Wishes in the settings become part of memory, beside those that were said in the chat."""

from __future__ import annotations

from datetime import datetime

from agents.interests import parse_interests
from memory.store import Memory


def take_wishes(memory: Memory, words: str, now: datetime) -> None:
    """What has changed in ``interests`` since the last start counts; what was said in the chat stays."""
    before = memory.sources.cursor("settings").get("interests", "")
    old, new = parse_interests(before), parse_interests(words)
    for topic in old.keys() - new.keys():
        memory.rules.drop_interest(topic)
    for topic, weight in new.items():
        if old.get(topic) != weight:
            memory.rules.set_interest(topic, weight, now)
    memory.sources.move("settings", {"interests": words})
