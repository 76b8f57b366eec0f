"""Understands a question in plain words: what to look for, in which part of the archive, and what kind of answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from agents.answer import UNWANTED, Intent, Turn, Understood
from agents.understanding import following
from agents.understanding.datewords import Mention, mentions
from agents.understanding.found import part
from agents.understanding.intents import Wanted, unframed, wanted
from agents.understanding.people import Named, People, asked_for, doing, named, unknown
from agents.understanding.places import southern
from agents.understanding.question import Asked, Stretch, asked, fold
from agents.understanding.spans import Days
from agents.understanding.times import Reader, Times
from agents.understanding.tongues import Tongue, spoken
from agents.understanding.wording import told
from memory.query import NO_FILTERS, Filters
from memory.records import Account

LONGEST = 1000
"""Signs. What is longer is a text, not a question: nothing is split off from it."""

_SLASHED = re.compile(r"/taste\b(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Known:
    """Who and what there is, read from memory by the caller."""

    accounts: Mapping[str, Account]  # uri → with handle and display name
    owner: str  # the owner's Account.uri
    sources: frozenset[str]  # Item.source values that exist
    kinds: frozenset[str]  # Item.kind values that exist


@dataclass(frozen=True, slots=True)
class _Circumstances:
    now: datetime
    zone: ZoneInfo
    known: Known
    before: Sequence[Turn]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class _Taken:
    reading: following.Reading
    cut: int  # how many signs were understood as filters
    people: People
    loose: bool = False  # an event bounds the time whose day is not known
    unknown: str = ""  # somebody whose words are asked for


def understand(question: str, now: datetime, zone: ZoneInfo, known: Known, before: Sequence[Turn] = ()) -> Understood:
    """A question that needs nothing before it, with its filters split off.

    ``now`` is aware; ``zone`` is the owner's. ``text`` is empty where the filters are all that is asked for. It never
    raises: what is not understood stays in the text.
    """
    here = _Circumstances(now, zone, known, before)
    whole = asked(question)
    if slashed := _SLASHED.fullmatch(whole.text):
        return Understood(slashed[1].strip(), intent=Intent.TASTE)
    tongues = spoken(whole.folded, before[-1].understood.language if before else "")
    if len(whole.text) > LONGEST or not tongues:
        return Understood(whole.text, language=tongues[0].code if tongues else "")
    for tongue in tongues:
        again = following.again(whole, tongue, before)
        if again:
            return again
    best = max((_taken(whole, tongue, here) for tongue in tongues), key=lambda taken: taken.cut)
    return _understood(best, here)


def _understood(taken: _Taken, here: _Circumstances) -> Understood:
    reading, ambiguous = taken.reading, taken.people.ambiguous
    intent, filters, text = reading.intent, reading.filters, reading.text
    if here.before and intent in (Intent.FIND, Intent.MISSED, Intent.TALK) and following.goes_on(reading):
        intent, filters, text = following.continued(reading, here.before)
    words = told(filters, _days(filters, here.zone), here.known.accounts, here.known.owner, ambiguous, taken.loose)
    if taken.unknown and not filters.people:
        words = (f"everybody, as I know nobody called “{taken.unknown}”", *words)
    return Understood(text, filters, intent, words, reading.spoken.code)


def _taken(whole: Asked, tongue: Tongue, here: _Circumstances) -> _Taken:
    """The question as it reads in one language."""
    text, led = following.stripped(whole, tongue) if here.before else (whole, False)
    want = wanted(text, tongue)
    if want.intent in (Intent.NOTE, Intent.WHY, Intent.TASTE, Intent.SELF):
        return _Taken(_ordered(text, tongue, want), len(text.text), People())
    sure = [one for one in mentions(text, tongue, here.today, []) if not one.weak]
    names = [one for one in named(text, here.known.accounts) if " " in one.called or not _within(one, sure)]
    people = People() if want.intent is Intent.FORGET else _people(text, tongue, names, here, led)
    times = Reader(text, tongue, here.today, southern(here.zone.key), _standing(names, people), led).read()
    places = part(text, tongue, here.known.sources, here.known.kinds, bool(people.uris))
    told_later = (
        want.intent is Intent.FIND and not people.uris and not places.filters and doing(text, tongue, names, people)
    )
    if told_later and times.days and times.days.first:
        times = Times(Days(times.days.first, None))
    stranger = unknown(text, tongue, names) if want.intent is Intent.FIND else ""
    since, until = _instants(times.days, here.zone)
    own = here.known.owner in people.uris
    filters = replace(places.filters, since=since, until=until, people=people.uris, own=own)
    if want.intent is Intent.FORGET:
        filters = replace(NO_FILTERS, since=filters.since, until=filters.until)
    cuts = [*want.cuts, *times.cuts, *(() if want.intent is Intent.FORGET else places.cuts)]
    rest = text.without([*cuts, *people.cuts])
    matter = unframed(rest, tongue) if cuts or people.cuts or led else None
    if matter is None:
        matter = text.without(cuts) if cuts or led else text.text
    reading = following.Reading(text, tongue, want.intent, filters, matter, rest, people.pronoun, led)
    return _Taken(reading, sum(end - begin for begin, end in [*cuts, *people.cuts]), people, times.loose, stranger)


def _ordered(text: Asked, tongue: Tongue, want: Wanted) -> following.Reading:
    """What is to be noted, as it was said; the number of what was sent; what is liked; all that is asked of oneself."""
    rest = text.without(want.cuts)
    number = re.search(r"\d+", text.folded)
    if want.intent is Intent.WHY:
        rest = number.group() if number else unframed(rest, tongue) or ""
    if want.unwanted and not rest:
        rest = UNWANTED
    whole = text.text if want.intent is Intent.SELF else rest
    return following.Reading(text, tongue, want.intent, NO_FILTERS, whole, rest)


def _people(text: Asked, tongue: Tongue, names: list[Named], here: _Circumstances, led: bool) -> People:
    plain = text.folded.strip(" ?!.¿¡,")
    pronoun = bool(tongue.whole(tongue.words["people"]["she"]).fullmatch(plain))
    last = following.last_people(here.before, here.known.accounts, here.known.owner, pronoun)
    if led and len(names) == 1 and _bare(text, tongue, names[0]):
        several = ((names[0].called, names[0].uris),) if len(names[0].uris) > 1 else ()
        return People(names[0].uris, ((0, len(text.text)),), several)
    if led and pronoun and last:
        return People(last, ((0, len(text.text)),), pronoun=True)
    return asked_for(text, tongue, names, last, here.known.owner)


def _bare(text: Asked, tongue: Tongue, name: Named) -> bool:
    """Whether there is nothing but the name, perhaps with its article."""
    rest = fold(text.without([(name.begin, name.end)]))
    return not rest or rest in tongue.words["people"].get("article", "").split("|")


def _within(name: Named, times: list[Mention]) -> bool:
    """Whether it is rather a month's name: "April 2016"."""
    return any(one.begin <= name.begin and name.end <= one.end for one in times)


def _standing(names: list[Named], people: People) -> list[Stretch]:
    """Where names stand that can be nothing else: of several words, or of somebody whose words are asked for."""
    cut = people.cuts
    sure = [one for one in names if " " in one.called or any(b <= one.begin and one.end <= e for b, e in cut)]
    return [(one.begin, one.end) for one in sure]


def _instants(days: Days | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    return (_midnight(days.first, zone), _midnight(days.end, zone)) if days else (None, None)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a local day begins; where clocks skip midnight, that is when they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def _days(filters: Filters, zone: ZoneInfo) -> Days | None:
    if not (filters.since or filters.until):
        return None
    first, end = (moment.astimezone(zone).date() if moment else None for moment in (filters.since, filters.until))
    return Days(first, end)
