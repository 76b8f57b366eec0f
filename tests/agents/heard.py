"""How a question is understood in the tests: by whom everybody knows, on a Wednesday in November."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from agents.answer import Turn, Understood
from agents.understanding import Known, understand
from memory.records import Account

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZONE)  # a Wednesday
NAMES = {"me": "Sam Reed", "ana": "Ana Kovač", "analima": "Ana Lima", "bob": "Bob Müller", "will": "Will Turner"}
KNOWN = Known(
    {handle: Account(handle, f"{handle}@example.social", name) for handle, name in NAMES.items()},
    "me",
    frozenset({"mastodon", "hackernews"}),
    frozenset({"post", "note", "article"}),
)
FIRST = "what did Bob say about heat pumps in March?"


def ask(question: str, *before: str, answer: str = "", known: Known = KNOWN) -> Understood:
    """How it is understood, after those before it, all of them answered the same."""
    turns: list[Turn] = []
    for earlier in before:
        turns.append(Turn(earlier, understand(earlier, NOW, ZONE, known, turns), answer))
    return understand(question, NOW, ZONE, known, turns)


def people(question: str, *before: str) -> set[str]:
    return set(ask(question, *before).filters.people)
