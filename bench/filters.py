"""How often a question's filters are understood exactly: made from templates, and written by hand.

python -m bench.filters [--questions 900] [--seed 1] [--wrong]

Fails under 95 % of either list. A question counts as right when everything is: time, people, part, intent.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import reduce
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from agents.answer import Turn, Understood
from agents.understanding import Known, understand
from memory.records import Account, Kind

BY_HAND = Path(__file__).with_name("filters_by_hand.toml")
ENOUGH = 0.95
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=ZONE)
NAMES = {
    "me": "Sam Reed",
    "ana": "Ana Kovač",
    "analima": "Ana Lima 🌻",
    "bob": "Bob Müller",
    "jgross": "Jürgen Groß",
    "chloe": "Chloé Durand",
    "will": "Will Turner",
    "jose": "José Pérez",
    "mark": "Mark Weber",
    "giulia": "Giulia Rossi",
    "joao": "João Silva",
    "april": "April Young",
    "guardian": "The Guardian",
    "anneke": "Anneke de Vries (she/her)",
}
DEEDS = {
    "like": {Kind.LIKE},
    "bookmark": {Kind.BOOKMARK, Kind.SAVE},
    "boost": {Kind.BOOST},
    "reply": {Kind.REPLY},
}


def uri(handle: str) -> str:
    """By which somebody is known."""
    return f"https://example.social/users/{handle}"


ACCOUNTS = {uri(handle): Account(uri(handle), f"{handle}@example.social", name) for handle, name in NAMES.items()}
KNOWN = Known(
    ACCOUNTS,
    uri("me"),
    frozenset({"mastodon", "whatsapp", "telegram", "hackernews"}),
    frozenset({"post", "note", "article", "chat"}),
)


@dataclass(frozen=True)
class Right:
    """A question, and what it must be understood as. ``when``: local days, "first/first that is too late"."""

    ask: str
    when: str = ""
    people: Sequence[str] = ()
    sources: Sequence[str] = ()
    kinds: Sequence[str] = ()
    deeds: Sequence[str] = ()
    languages: Sequence[str] = ()
    delivered: bool = False
    intent: str = "find"
    has: str = ""  # words that must be left in the text
    before: Sequence[str] = ()
    spoken: str = ""  # the language it is asked in
    sort: str = "by hand"  # what it tries

    def missed(self, got: Understood) -> list[str]:
        """What was understood otherwise: time, people, part, intent, text."""
        filters = got.filters
        part = (filters.sources, filters.kinds, filters.deeds, filters.languages, filters.delivered)
        deeds = frozenset[Kind]().union(*(DEEDS[deed] for deed in self.deeds))
        wanted = (frozenset(self.sources), frozenset(self.kinds), deeds, frozenset(self.languages), self.delivered)
        checks = {
            "time": (filters.since, filters.until) == instants(self.when),
            "people": filters.people == {uri(handle) for handle in self.people},
            "part": part == wanted,
            "intent": got.intent.value == self.intent,
            "text": self.has.casefold() in got.text.casefold(),
        }
        return [name for name, fine in checks.items() if not fine]


def instants(when: str) -> tuple[datetime | None, datetime | None]:
    """Local midnights of "2026-03-01/2026-04-01"; a side may be missing."""
    first, _, end = when.partition("/")
    since, until = (datetime.combine(date.fromisoformat(day), time(), ZONE) if day else None for day in (first, end))
    return since, until


def answered(right: Right) -> Understood:
    """How the question is understood, after those before it."""
    return understand(right.ask, NOW, ZONE, KNOWN, reduce(_asked, right.before, ()))


def _asked(turns: Sequence[Turn], question: str) -> Sequence[Turn]:
    return [*turns, Turn(question, understand(question, NOW, ZONE, KNOWN, turns), "")]


def by_hand() -> list[Right]:
    """The questions in natural wording."""
    return [Right(**row) for row in tomllib.loads(BY_HAND.read_text("utf-8"))["questions"]]


@dataclass
class Score:
    """How many of a list were right, by what they try, by language, and which were wrong in what."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: Counter[tuple[str, str]] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Right, Understood, list[str]]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of all questions, those that were right in everything."""
        return self.right.total() / max(self.asked.total(), 1)


def score(questions: Iterable[Right]) -> Score:
    """Each question asked and compared."""
    scored = Score()
    for right in questions:
        got = answered(right)
        missed = right.missed(got)
        key = (right.sort, right.spoken or got.language)
        scored.asked[key] += 1
        scored.right[key] += not missed
        scored.parts.update(missed)
        if missed:
            scored.wrong.append((right, got, missed))
    return scored


def table(title: str, scored: Score) -> Table:
    """Rows are what the questions try, columns their languages."""
    sorts, tongues = (sorted({key[place] for key in scored.asked}) for place in (0, 1))
    shown = Table(title=f"{title}: {scored.share:.1%} of {scored.asked.total()}")
    for head in ("", *tongues, "all"):
        shown.add_column(head, justify="right" if head else "left")
    for sort in (*sorts, "all"):
        rows = [[key for key in scored.asked if sort in (key[0], "all") and one in (key[1], "")] for one in tongues]
        cells = [_share(scored, keys) for keys in (*rows, [key for keys in rows for key in keys])]
        shown.add_row(sort, *cells)
    return shown


def _share(scored: Score, keys: Sequence[tuple[str, str]]) -> str:
    asked = sum(scored.asked[key] for key in keys)
    return f"{sum(scored.right[key] for key in keys)}/{asked}" if asked else ""


def told(wrong: Sequence[tuple[Right, Understood, list[str]]]) -> Iterable[str]:
    """What was wrong, a line each."""
    for right, got, missed in wrong:
        yield f"{', '.join(missed)}: {right.before or ''} {right.ask!r} → {got.text!r}, {got.intent}, {got.filtered}"


def main(arguments: Mapping[str, Any]) -> int:
    """Prints both tables; the exit status."""
    from bench.filters_made import made

    console = Console(width=140, markup=False, highlight=False)
    lists = {"made": made(arguments["questions"], arguments["seed"]), "by hand": by_hand()}
    scores = {title: score(questions) for title, questions in lists.items()}
    for title, scored in scores.items():
        console.print(table(title, scored))
        console.print("wrong in:", dict(scored.parts) or "nothing")
        for line in told(scored.wrong) if arguments["wrong"] else ():
            console.print(line)
    return int(any(scored.share < ENOUGH for scored in scores.values()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print what was understood wrongly")
    sys.exit(main(vars(parser.parse_args())))
