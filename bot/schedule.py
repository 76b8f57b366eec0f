"""When a digest is due. Pure: what the owner's clock on the wall shows is what counts, wherever the owner is.

An hour is owed once a local date. Wall times are compared as wall times: 02:30 is due at the jump on the night that has
none, and once on the night that has two; a date that comes twice, to somebody who travels, gives one digest.
What is settled is known by its newest: everything before that has been settled or was never owed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from memory.records import Occasion, State

GRACE = timedelta(hours=1)  # so long after its hour a digest is on time
OLDEST = timedelta(hours=12)  # so old a missed one may be and still be made on the next date
NEAR = timedelta(hours=3)  # what is missed is left out when the next one comes so soon
LONGEST = timedelta(days=366)  # how far is looked back and ahead

NOT_RUNNING = "Magpie was not running"
NOT_HERE = "Magpie was not here yet"
NEVER_CAME = "its hour never came: the time zone was changed"
IN_QUIET = "its hour lay in the quiet hours, and the next one came before their end"


@dataclass(frozen=True, slots=True, order=True)
class Hour:
    """The how manieth hour of a local date, and when that is on the wall."""

    date: date
    slot: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch of every day, perhaps over midnight, in which nothing is said unasked."""

    start: time
    end: time

    def holds(self, wall: datetime) -> bool:
        """Whether it is quiet then."""
        now = wall.time()
        return self.start <= now < self.end if self.start <= self.end else now >= self.start or now < self.end

    def over(self, wall: datetime) -> datetime:
        """When the quiet of that moment ends."""
        return datetime.combine(wall.date() + timedelta(days=wall.time() >= self.end), self.end)


@dataclass(frozen=True, slots=True)
class Break:
    """A stretch without digests, in wall times; without ``until`` it lasts till the owner ends it."""

    since: datetime
    until: datetime | None
    reason: str

    def holds(self, wall: datetime) -> bool:
        """Whether it is on then."""
        return self.since <= wall and (self.until is None or wall < self.until)


@dataclass(frozen=True, slots=True)
class Change:
    """The hours were changed: what the wall showed then, the hours before, and those that its date had had by then."""

    at: datetime
    before: tuple[time, ...]
    passed: tuple[time, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the owner wants digests. ``hours`` are in order, ``days`` count from Monday as 0.

    ``leap``: what the wall showed before and after the last change of the time zone; ``began``: when Magpie first
    looked. New hours hold from their ``changed`` on, so that the hours before it keep their slots.
    """

    zone: ZoneInfo
    hours: tuple[time, ...]
    days: frozenset[int] = frozenset(range(7))
    quiet: Quiet | None = None
    breaks: tuple[Break, ...] = ()
    leap: tuple[datetime, datetime] | None = None
    changed: Change | None = None
    began: datetime | None = None

    def wall(self, now: datetime) -> datetime:
        """What the owner's clock shows, without a zone."""
        return now.astimezone(self.zone).replace(tzinfo=None)

    def is_quiet(self, wall: datetime) -> bool:
        """Whether nothing may be said unasked then."""
        return self.quiet is not None and self.quiet.holds(wall)

    def break_at(self, wall: datetime) -> Break | None:
        """The pause or vacation that is on then."""
        return next((one for one in self.breaks if one.holds(wall)), None)

    def times_of(self, day: date) -> tuple[time, ...]:
        """What the hours of a date are, or were."""
        change = self.changed
        if change is None or day > change.at.date():
            return self.hours
        if day < change.at.date():
            return change.before
        return (*change.passed, *(at for at in self.hours if at > change.at.time()))

    def hours_of(self, day: date) -> list[Hour]:
        """The hours of a date."""
        if day.weekday() not in self.days:
            return []
        return [Hour(day, slot, datetime.combine(day, at)) for slot, at in enumerate(self.times_of(day))]

    def hours_after(self, day: date, slot: int = -1) -> Iterator[Hour]:
        """The hours that follow, in order, as far as is looked ahead."""
        days = (day + timedelta(days=n) for n in range(LONGEST.days))
        return (hour for each in days for hour in self.hours_of(each) if (hour.date, hour.slot) > (day, slot))

    def due(self, hour: Hour) -> datetime:
        """When its digest is due: at the hour, or at the end of the quiet in which that lies."""
        return self.quiet.over(hour.at) if self.quiet and self.quiet.holds(hour.at) else hour.at

    def free_after(self, day: date, slot: int = -1) -> Iterator[Hour]:
        """The hours that follow and that no pause swallows."""
        hours = self.hours_after(day, slot)
        return (hour for hour in hours if not (self.break_at(hour.at) or self.break_at(self.due(hour))))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done now. ``waits``: the wall time at which what is due in quiet hours may be made.

    ``late`` says why what is due now was not made at its hour. ``skipped`` are in order, each with the reason.
    """

    due: Hour | None = None
    late: str = ""
    waits: datetime | None = None
    skipped: tuple[tuple[Hour, str], ...] = ()


def plan(schedule: Schedule, now: datetime, settled: Occasion | None, first: date) -> Plan:
    """What is due at ``now`` and what is skipped, given the newest that is settled and the first date that is owed.

    After downtime one digest is due, not four: all but the newest missed one are skipped.
    """
    wall = schedule.wall(now)
    passed = _passed(schedule, wall, settled, first)
    if not passed:
        failed = _failed(schedule, wall, settled)
        return _judged(schedule, wall, failed, again=True) if failed else Plan()
    newest = passed[-1]
    older = tuple((hour, _why(schedule, hour, after)) for hour, after in pairwise(passed))
    pause = schedule.break_at(newest.at) or schedule.break_at(wall)
    found = Plan(skipped=((newest, pause.reason),)) if pause else _judged(schedule, wall, newest)
    return replace(found, skipped=older + found.skipped)


def upcoming(schedule: Schedule, now: datetime, settled: Occasion | None, first: date) -> datetime | None:
    """The wall time of the next digest; None where a pause without an end lies before it."""
    wall = schedule.wall(now)
    found = plan(schedule, now, settled, first)
    if found.due or found.waits:
        return found.waits or wall
    here = settled is not None and settled.date >= wall.date()
    hours = schedule.free_after(settled.date, settled.slot) if settled and here else schedule.free_after(wall.date())
    return next((schedule.due(hour) for hour in hours if hour.at > wall), None)


def _passed(schedule: Schedule, wall: datetime, settled: Occasion | None, first: date) -> list[Hour]:
    """The hours since the newest settled one that the wall has passed; of more than a year, the last year."""
    oldest = max(first, wall.date() - LONGEST + timedelta(days=1))
    begins = (settled.date, settled.slot) if settled and settled.date >= oldest else (oldest, -1)
    return list(takewhile(lambda hour: hour.at <= wall, schedule.hours_after(*begins)))


def _failed(schedule: Schedule, wall: datetime, settled: Occasion | None) -> Hour | None:
    """The hour whose digest has failed, if it may be tried again."""
    if settled is None or settled.state is not State.FAILED or schedule.break_at(wall):
        return None
    hours = (hour for hour in schedule.hours_of(settled.date) if not schedule.break_at(hour.at))
    return next((hour for hour in hours if hour.slot == settled.slot and hour.at <= wall), None)


def _judged(schedule: Schedule, wall: datetime, hour: Hour, again: bool = False) -> Plan:
    """The newest hour that has passed, outside of pauses: due, waiting for the end of the quiet, or too late."""
    quiet = schedule.quiet if schedule.is_quiet(wall) else None
    when, due = quiet.over(wall) if quiet else wall, schedule.due(hour)
    after = next(schedule.free_after(hour.date, hour.slot), None)
    on_time = when - due <= GRACE
    lasts = when.date() == (due.date() if again else hour.date) or (not again and when - hour.at <= OLDEST)
    alone = after is None or schedule.due(after) - when > NEAR
    why = _why(schedule, hour, after)
    if not (on_time or (lasts and alone)):
        return Plan() if again else Plan(skipped=((hour, why),))
    return Plan(waits=when) if quiet else Plan(due=hour, late="" if on_time or again else why)


def _why(schedule: Schedule, hour: Hour, after: Hour | None) -> str:
    """Why the digest of an hour was not made when it was due."""
    if pause := schedule.break_at(hour.at):
        return pause.reason
    if schedule.leap and schedule.leap[0] < hour.at <= schedule.leap[1]:
        return NEVER_CAME
    if schedule.began and hour.at < schedule.began:
        return NOT_HERE
    waited = schedule.due(hour)
    return IN_QUIET if after and hour.at < waited and after.at <= waited else NOT_RUNNING
