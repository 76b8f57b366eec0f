"""A year of an owner's life, by an injected clock: changes of the clock, nights, journeys, pauses, failures, downtime.

What is expected is worked out from the walls alone: each look is noted with what the owner's clock showed and whether
Magpie could work. Then every local date and hour is asked whether it had its one digest, and if not, why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.commands import COMMANDS, Asked
from bot.jobs.due import LONGEST_REST, Due
from bot.schedule import NEVER_CAME, NOT_HERE, NOT_RUNNING
from bot.speaking import Speaker
from bot.timetable import PAUSED, Timetable
from config.errors import ModelError
from config.settings import ScheduleSection
from memory.records import Digest, Entry, Occasion, State
from memory.store import Store
from tests.stores import empty_store

BEGIN, END = datetime(2026, 1, 5, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)
ODD, HOUR, DAY = timedelta(minutes=45), timedelta(hours=1), timedelta(days=1)
Stretch = tuple[datetime, datetime]
Key = tuple[date, int]


@dataclass(frozen=True)
class Life:
    """Where the owner lives, when digests are wanted, and what is said on which day after the beginning."""

    name: str
    home: str
    hours: tuple[time, ...] = (time(8),)
    quiet: bool = True  # from 22 to 7
    step: timedelta = HOUR
    says: tuple[tuple[float, str], ...] = ()


PAUSES = ((150.3, "pause 9 days"), (290.6, "pause"), (301.2, "resume"))
JOURNEYS = (
    *((40.5, "zone Asia/Tokyo"), (50.1, "zone Pacific/Auckland"), (50.9, "zone Pacific/Honolulu")),
    *((60.3, "zone Pacific/Auckland"), (75.0, "zone America/St_Johns"), (90.4, "zone Pacific/Kiritimati")),
    *((99.47, "zone Pacific/Pago_Pago"), (110.43, "zone Pacific/Kiritimati"), (120.2, "zone off")),
    *((200.4, "zone Australia/Lord_Howe"), (272.6, "zone Europe/Lisbon"), (330.2, "zone off")),
)
LIVES = (
    Life("in Berlin", "Europe/Berlin", says=PAUSES),
    Life("in St John's", "America/St_Johns", (time(7, 30), time(18, 30)), says=((100.5, "pause 3 days"),)),
    Life("on Lord Howe", "Australia/Lord_Howe", (time(2, 15),), quiet=False, step=ODD),  # once it does not exist
    Life("on journeys", "Asia/Kathmandu", says=JOURNEYS),
)


@dataclass(frozen=True)
class Look:
    """A moment, what the owner's clock showed then, and whether Magpie was up and what it made did not fail."""

    now: datetime
    wall: datetime
    up: bool
    works: bool


@dataclass
class Press:
    """Writes a digest of one entry; a second one for that date and hour would be refused by the database."""

    store: Store
    clock: list[datetime]
    broken: list[Stretch]
    made: Counter[Key] = field(default_factory=Counter)
    at: list[datetime] = field(default_factory=list)

    def digest(self, channel: str, day: date | None = None, slot: int | None = None) -> Digest:
        """The digest of that date and hour."""
        assert day is not None and slot is not None
        now = self.clock[0]
        if within(now, self.broken):
            raise ModelError("The model is away.")
        self.made[day, slot] += 1
        self.at.append(now)
        entry = Entry(1, "uri:a", ("uri:a",), ("uri:ann",))
        with self.store.begin() as memory:
            return memory.digests.add(Digest(day, channel, now, now - DAY, (entry,), slot=slot))


@dataclass
class Year:
    """What has happened. ``pauses`` are in wall times."""

    life: Life
    store: Store
    luck: Random
    clock: list[datetime] = field(default_factory=lambda: [BEGIN])
    looks: list[Look] = field(default_factory=list)
    pauses: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw when Magpie is down, and when the model is away."""
        self.down = self._stretches(40, 6 * DAY)
        self.press = Press(self.store, self.clock, self._stretches(10, DAY))
        written = {"hours": [f"{at:%H:%M}" for at in self.life.hours], "quiet": "22-7" if self.life.quiet else ""}
        self.timetable = Timetable("pigeon", ScheduleSection.model_validate(written), ZoneInfo(self.life.home))
        self.zone = self.timetable.home

    def _stretches(self, count: int, longest: timedelta) -> list[Stretch]:
        """Most of them are short."""
        begins = [BEGIN + self.luck.random() * (END - BEGIN) for _ in range(count)]
        return [(begin, begin + HOUR + self.luck.random() ** 3 * longest) for begin in begins]

    def live(self) -> None:
        """All of it. After each downtime the job is a new one."""
        sayings, due = list(self.life.says), None
        while self.clock[0] < END:
            now = self.clock[0]
            up = not within(now, self.down)
            while up and sayings and BEGIN + sayings[0][0] * DAY <= now:
                self.say(sayings.pop(0)[1])
            rested = not any(since <= now < until + LONGEST_REST for since, until in self.press.broken)
            self.looks.append(Look(now, now.astimezone(self.zone).replace(tzinfo=None), up, up and rested))
            due = (due or Due(self.store, lambda: self.press, self.timetable, lambda: self.clock[0])) if up else None
            if due:
                due.look()
            self.clock[0] = now + self.life.step
        with self.store.begin() as memory:
            self.history: dict[Key, Occasion] = {(o.date, o.slot): o for o in memory.occasions.latest("pigeon", 5000)}
            self.told: set[Key] = {(d.date, d.slot) for d in memory.digests.since(BEGIN - DAY)}

    def say(self, said: str) -> None:
        """The owner says a command; what it means is worked out here once more."""
        name, _, words = said.partition(" ")
        with self.store.begin() as memory:
            speaker = Speaker({}, {}, self.zone)
            COMMANDS[name](Asked(memory, speaker, words, None, self.clock[0], "", "", "", self.timetable))
        wall = self.clock[0].astimezone(self.zone).replace(tzinfo=None)
        if name == "zone":
            self.zone = ZoneInfo(self.life.home if words == "off" else words)
        elif name == "pause":
            self.pauses.append((wall, wall + int(words.split()[0]) * DAY if words else datetime.max))
        else:
            self.pauses[-1] = (self.pauses[-1][0], wall)

    def owed(self) -> set[Key]:
        """The hours whose digest could be made before their date was over and before the next hour was near."""
        by_date: dict[date, list[Look]] = defaultdict(list)
        for look in self.looks:
            if look.works and not self.quiet(look.wall) and not within(look.wall, self.pauses):
                by_date[look.wall.date()].append(look)
        return {
            (day, slot)
            for day, looks in by_date.items()
            for slot, hour in enumerate(self.life.hours)
            for at, after in [(datetime.combine(day, hour), self._after(day, slot))]
            if not within(at, self.pauses)
            if any(
                (at <= look.wall < after and min(at + HOUR, after) > look.wall) or at <= look.wall < after - 3 * HOUR
                for look in looks
            )
        }

    def _after(self, day: date, slot: int) -> datetime:
        hours = self.life.hours
        last = slot + 1 == len(hours)
        return datetime.combine(day + DAY * last, hours[0 if last else slot + 1])

    def quiet(self, wall: datetime) -> bool:
        """Whether the owner sleeps."""
        return self.life.quiet and not 7 <= wall.hour < 22

    def due(self) -> set[Key]:
        """Every hour of every date from the first look to the last, of dates that never came too."""
        walls = [look.wall for look in self.looks if look.up]
        dates = (walls[0].date() + n * DAY for n in range(400))
        return {
            (day, slot)
            for day in dates
            for slot, hour in enumerate(self.life.hours)
            if datetime.combine(day, hour) <= walls[-1]
        }


def within(moment: datetime, stretches: list[Stretch]) -> bool:
    return any(since <= moment < until for since, until in stretches)


@pytest.fixture(scope="module", params=LIVES, ids=lambda life: life.name)
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    store = empty_store(tmp_path_factory.mktemp("year") / "magpie.db")
    lived = Year(request.param, store, Random(request.param.name))
    lived.live()
    yield lived
    store.close()


def test_every_date_and_hour_that_could_have_its_digest_had_one(year: Year) -> None:
    assert year.owed() - year.told == set() and len(year.owed()) > 200


def test_no_date_and_hour_had_two(year: Year) -> None:
    assert set(year.press.made.values()) == {1} and set(year.press.made) == year.told


def test_all_that_was_due_is_in_the_history(year: Year) -> None:
    assert year.due() - year.history.keys() == set()
    assert {key for key, settled in year.history.items() if settled.state is State.TOLD} == year.told


def test_what_was_not_told_has_a_reason_that_is_true(year: Year) -> None:
    up = {look.wall.replace(minute=0): look for look in year.looks if look.up}
    untold = [settled for settled in year.history.values() if settled.state is not State.TOLD]
    assert Counter(settled.state for settled in untold)[State.SKIPPED] > 5
    for settled in untold:
        at = datetime.combine(settled.date, year.life.hours[settled.slot])
        if settled.state is State.FAILED:
            assert settled.reason == "The model is away."
        elif settled.reason == PAUSED:
            assert within(at, year.pauses)
        elif settled.reason == NEVER_CAME:
            assert at.replace(minute=0) not in up
        elif settled.reason == NOT_HERE:
            assert at < next(look.wall for look in year.looks if look.up)
        else:
            assert settled.reason == NOT_RUNNING and not within(at, year.pauses)


def test_nobody_was_woken(year: Year) -> None:
    walls = {look.now: look.wall for look in year.looks}
    assert not [walls[at] for at in year.press.at if year.quiet(walls[at])]
