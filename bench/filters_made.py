"""Makes questions whose filters are known: templates × people × times × languages, from a seed.

A quarter and more are traps: they name months, people, years and places, and ask for no filter at all. The right days
are computed here, apart from the code that is measured.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.filters import NAMES, NOW, Right

WORDS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
TODAY = NOW.date()
MONDAY = TODAY - timedelta(days=TODAY.weekday())
SORTS = {"trap": 28, "time": 22, "person": 12, "person and time": 14, "part": 9, "intent": 6, "follow-up": 9}
PART: Mapping[str, Mapping[str, Any]] = {
    "mastodon": {"sources": ["mastodon"]},
    "whatsapp": {"sources": ["whatsapp"]},
    "like": {"deeds": ["like"]},
    "bookmark": {"deeds": ["bookmark"]},
    "note": {"kinds": ["note"]},
    "delivered": {"delivered": True},
    "german": {"languages": ["de"]},
    "own": {"people": ["me"]},
}
Made = tuple[str, str]
"""A time in words, and its days: "2026-03-01/2026-04-01"."""


def made(count: int, seed: int) -> list[Right]:
    """So many different questions."""
    chance = random.Random(seed)
    found: dict[tuple[str, tuple[str, ...]], Right] = {}
    for _ in range(count * 20):
        if len(found) == count:
            break
        sort = chance.choices(list(SORTS), list(SORTS.values()))[0]
        right = Maker(chance, chance.choice(list(WORDS))).question(sort)
        found[right.ask, tuple(right.before)] = right
    return list(found.values())


class Maker:
    """Makes one question in one language."""

    def __init__(self, chance: random.Random, spoken: str) -> None:
        self.chance, self.spoken, self.words = chance, spoken, WORDS[spoken]
        self.what: str = chance.choice(self.words["topics"])
        self.handle = chance.choice([handle for handle in NAMES if handle != "me"])
        name = NAMES[self.handle].removesuffix(" 🌻").removesuffix(" (she/her)")
        first = name.split()[0]
        plain = first not in ("Ana", "Will", "Mark", "April", "The")
        self.who = chance.choice(
            [name, f"@{self.handle}", f"@{self.handle}@example.social", *([first] * 3 if plain else [])]
        )

    def question(self, sort: str) -> Right:
        """One that tries this."""
        makers: Mapping[str, Callable[[], Right]] = {
            "trap": self.trap,
            "time": self.time,
            "person": self.person,
            "person and time": self.person_and_time,
            "part": self.part,
            "intent": self.intent,
            "follow-up": self.follow_up,
        }
        return makers[sort]()

    def filled(self, template: str, **more: str) -> str:
        """A template with this question's name and topic."""
        return template.format(who=self.who, what=self.what, **more)

    def right(self, sort: str, ask: str, **more: Any) -> Right:
        """The question, in lower case now and then."""
        sloppy = self.chance.random() < 0.15 and "trap" not in sort and self.who[0] not in "WMA"
        return Right(ask.lower() if sloppy else ask, sort=sort, spoken=self.spoken, **more)

    def trap(self) -> Right:
        """Nothing may be filtered by."""
        template = self.chance.choice(self.words["traps"])
        title = self.chance.choice(self.words["titles"])
        return self.right("trap", self.filled(template, title=title), has=title if "{title}" in template else "")

    def person(self) -> Right:
        """Somebody's words."""
        ask = self.filled(self.chance.choice(self.words["person"]))
        return self.right("person", ask, people=[self.handle], has=self.what.split()[-1])

    def time(self) -> Right:
        """A time."""
        when, days = self.when()
        ask = self.filled(self.chance.choice(self.words["time"]), when=when)
        return self.right("time", ask, when=days, has=self.what.split()[-1])

    def person_and_time(self) -> Right:
        """Both."""
        when, days = self.when()
        ask = self.filled(self.chance.choice(self.words["person_time"]), when=when)
        return self.right("person and time", ask, when=days, people=[self.handle], has=self.what.split()[-1])

    def part(self) -> Right:
        """A source, a kind, something that the owner did, a language."""
        key = self.chance.choice(list(PART))
        ask = self.filled(self.chance.choice(self.words["parts"][key]))
        return self.right("part", ask, has=self.what.split()[-1], **PART[key])

    def intent(self) -> Right:
        """Another kind of answer."""
        key = self.chance.choice(list(self.words["intents"]))
        return self.right("intent", self.filled(self.chance.choice(self.words["intents"][key])), intent=key)

    def follow_up(self) -> Right:
        """Something that goes on from an earlier question, or does not."""
        words = self.words["follow"]
        before = [self.filled(words["first"])]
        key = self.chance.choice(["time", "person", "same", "fresh"])
        ask = words[key] if isinstance(words[key], str) else self.chance.choice(words[key])
        if key == "fresh":
            return self.right("follow-up", ask, before=before)
        other = "giulia" if self.handle != "giulia" else "bob"
        days = "2024-01-01/2025-01-01" if key == "time" else "2026-03-01/2026-04-01"
        people = [other if key == "person" else self.handle]
        ask = ask.format(other=NAMES[other].split()[0])
        return self.right("follow-up", ask, before=before, when=days, people=people, has=self.what.split()[-1])

    def when(self) -> Made:
        """A time in words, and its days."""
        kinds = [kind for kind, templates in self.words["times"].items() if templates]
        kind = self.chance.choice(kinds)
        template = self.chance.choice(self.words["times"][kind])
        return self.named(kind, template)

    def named(self, kind: str, template: str) -> Made:
        """The words and days of one kind of time."""
        n = self.chance.randint(2, 6)
        number = self.words["numbers"][n - 2]
        year, month, day = self.chance.randint(2016, 2025), self.chance.randint(1, 12), self.chance.randint(1, 28)
        weekday, season = self.chance.randint(0, 6), self.season(template)
        later = self.chance.randint(month, 12)
        when = date(year, month, day)
        words = template.format(
            n=n,
            number=number,
            year=year,
            day=day,
            month=self.words["months"][month - 1],
            month2=self.words["months"][later - 1],
            weekday=self.words["weekdays"][weekday],
            season=self.words["seasons"][season],
            iso=when.isoformat(),
            local=f"{day}.{month}.{year}",
        )
        if kind == "weekday" and "{weekday}" not in template:
            weekday = next(i for i, name in enumerate(self.words["weekdays"]) if template.startswith(name))
        return words, _days(kind, n, when, later, weekday, season)

    def season(self, template: str) -> int:
        """One that the words around it fit in gender."""
        if self.spoken not in ("fr", "it", "pt", "es"):
            return self.chance.randint(0, 3)
        feminine = template.startswith(("la ", "na "))
        if self.spoken == "fr":
            return 0 if template.startswith("le ") else self.chance.choice([1, 2, 3])
        return 0 if feminine else self.chance.choice([2, 3] if self.spoken == "it" else [1, 2, 3])


def _days(kind: str, n: int, when: date, later: int, weekday: int, season: int) -> str:
    year, month = when.year, when.month
    latest = TODAY.year if month <= TODAY.month else TODAY.year - 1
    monthly = TODAY.month - 1 - n
    back = timedelta(days=(TODAY.weekday() - weekday - 1) % 7 + 1)
    this_year_day = date(TODAY.year - (when.replace(year=TODAY.year) > TODAY), month, when.day)
    first = date(year, 3 * season + 3, 1)
    seasonal = next(y for y in (TODAY.year, TODAY.year - 1) if _later(date(y, 3 * season + 3, 1), 3) <= TODAY)
    table: dict[str, tuple[date | None, date | None]] = {
        "month": (date(latest, month, 1), _later(date(latest, month, 1), 1)),
        "month_year": (date(year, month, 1), _later(date(year, month, 1), 1)),
        "day": (when, when + timedelta(days=1)),
        "day_month": (this_year_day, this_year_day + timedelta(days=1)),
        "year": (date(year, 1, 1), date(year + 1, 1, 1)),
        "yesterday": (TODAY - timedelta(days=1), TODAY),
        "before_yesterday": (TODAY - timedelta(days=2), TODAY - timedelta(days=1)),
        "last_week": (MONDAY - timedelta(days=7), MONDAY),
        "last_month": (date(2026, 10, 1), date(2026, 11, 1)),
        "last_year": (date(2025, 1, 1), date(2026, 1, 1)),
        "this_week": (MONDAY, MONDAY + timedelta(days=7)),
        "days_ago": (TODAY - timedelta(days=n), TODAY - timedelta(days=n - 1)),
        "weeks_ago": (MONDAY - timedelta(days=7 * n), MONDAY - timedelta(days=7 * n - 7)),
        "months_ago": (date(2026, monthly + 1, 1), date(2026, monthly + 2, 1)),
        "past_days": (TODAY - timedelta(days=n), TODAY + timedelta(days=1)),
        "range": (date(year, month, 1), _later(date(year, later, 1), 1)),
        "since_month": (date(latest, month, 1), None),
        "since_year": (date(year, 1, 1), None),
        "before_year": (None, date(year, 1, 1)),
        "event": (None, date(year + 1, 1, 1)),
        "season_year": (first, _later(first, 3)),
        "last_season": (date(seasonal, 3 * season + 3, 1), _later(date(seasonal, 3 * season + 3, 1), 3)),
        "decade": (date(1990, 1, 1), date(2000, 1, 1)),
        "weekday": (TODAY - back, TODAY - back + timedelta(days=1)),
        "weekend": (MONDAY - timedelta(days=2), MONDAY),
    }
    since, until = table[kind]
    return f"{since or ''}/{until or ''}"


def _later(day: date, months: int) -> date:
    return date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
