"""When a digest is due: by the clock on the owner's wall, once a date and hour, wherever the owner is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.schedule import GRACE, IN_QUIET, NEVER_CAME, NOT_RUNNING, Break, Plan, Quiet, Schedule, plan, upcoming
from memory.records import Occasion, State

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 4, 13)
EIGHT, EVENING = time(8), time(18, 30)
DAILY = Schedule(ZoneInfo("UTC"), (EIGHT,))
TWICE = replace(DAILY, hours=(EIGHT, EVENING))
NIGHT = Quiet(time(22), time(7))


def at(day: int, hour: float, zone: ZoneInfo | None = None) -> datetime:
    """An hour of a day after Monday, on the wall of a zone; of an hour that comes twice, the first."""
    wall = datetime.combine(MONDAY, time()) + timedelta(days=day, hours=hour)
    return wall.replace(tzinfo=zone or UTC).astimezone(UTC)


def occasion(day: int, slot: int = 0, state: State = State.TOLD) -> Occasion:
    return Occasion("pigeon", MONDAY + timedelta(day), slot, state, at(day, 8))


def told(found: Plan) -> tuple[str, list[str]]:
    """What is due, and what is skipped and why, with dates as days after Monday."""
    due = f"{(found.due.date - MONDAY).days}/{found.due.slot}" if found.due else ""
    return due, [f"{(hour.date - MONDAY).days}/{hour.slot} {reason}" for hour, reason in found.skipped]


def planned(
    now: datetime, schedule: Schedule = DAILY, settled: Occasion | None = None, first: int = 0
) -> tuple[str, list[str]]:
    return told(plan(schedule, now, settled, MONDAY + timedelta(first)))


# -- the hour


def test_a_digest_is_due_from_its_hour_on_until_it_is_settled() -> None:
    assert planned(at(0, 7.99)) == ("", [])
    assert planned(at(0, 8)) == ("0/0", [])
    assert planned(at(0, 8), settled=occasion(0)) == ("", [])
    assert planned(at(1, 8), settled=occasion(0)) == ("1/0", [])


def test_two_hours_a_day_are_two_digests() -> None:
    assert planned(at(0, 18.5), TWICE, occasion(0)) == ("0/1", [])
    assert planned(at(1, 8), TWICE, occasion(0, 1)) == ("1/0", [])


def test_nothing_is_owed_before_the_first_date_nor_on_days_off() -> None:
    assert planned(at(0, 9), first=1) == ("", [])
    weekend = replace(DAILY, days=frozenset({5, 6}))
    assert planned(at(4, 12), weekend) == ("", [])
    assert planned(at(5, 8), weekend) == ("5/0", [])


# -- the clock that is put forward and back


@pytest.mark.parametrize(
    ("zone", "hour", "before", "jump"),
    [
        ("Europe/Berlin", time(2, 30), "2026-03-29T00:59", "2026-03-29T01:00"),
        ("Australia/Lord_Howe", time(2, 15), "2026-10-03T15:29", "2026-10-03T15:30"),
        ("America/St_Johns", time(2, 30), "2026-03-08T05:29", "2026-03-08T05:30"),
    ],
)
def test_an_hour_that_does_not_exist_is_due_at_the_jump(zone: str, hour: time, before: str, jump: str) -> None:
    schedule = Schedule(ZoneInfo(zone), (hour,))
    earlier, then = (datetime.fromisoformat(f"{instant}+00:00") for instant in (before, jump))
    day = schedule.wall(then).date()
    yesterday = Occasion("pigeon", day - timedelta(1), 0, State.TOLD, earlier)
    assert plan(schedule, earlier, yesterday, day) == Plan()
    due = plan(schedule, then, yesterday, day).due
    assert due is not None and due.date == day
    assert plan(schedule, then, replace(yesterday, date=day), day) == Plan()


def test_an_hour_that_comes_twice_is_due_once() -> None:
    schedule, day = Schedule(BERLIN, (time(2, 30),)), date(2026, 10, 25)
    first, again = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert schedule.wall(first) == schedule.wall(again)
    due = plan(schedule, first, None, day).due
    assert due is not None
    settled = Occasion("pigeon", due.date, due.slot, State.TOLD, first)
    assert plan(schedule, again, settled, day) == plan(schedule, again + GRACE, settled, day) == Plan()


# -- downtime


def test_after_days_away_there_is_one_digest_and_a_reason_for_each_missed_one() -> None:
    missed = [f"{day}/0 {NOT_RUNNING}" for day in (1, 2, 3)]
    assert planned(at(4, 13), settled=occasion(0)) == ("4/0", missed)
    assert plan(DAILY, at(4, 13), occasion(0), MONDAY).late == NOT_RUNNING
    assert plan(DAILY, at(4, 8.5), occasion(0), MONDAY).late == ""


@pytest.mark.parametrize(
    ("hours", "back", "due"),
    [
        ((EIGHT, EVENING), at(0, 15.4), "0/0"),
        ((EIGHT, EVENING), at(0, 15.5), ""),  # the next hour is too near
        ((EIGHT, time(10)), at(0, 8.9), "0/0"),  # on time, whatever comes next
        ((EIGHT, time(10)), at(0, 9.1), ""),
        ((time(20),), at(1, 7.9), "0/0"),  # after midnight, within twelve hours
        ((time(20),), at(1, 8.1), ""),
        ((EIGHT,), at(0, 23.9), "0/0"),  # its date lasts
        ((EIGHT,), at(1, 0.1), ""),
    ],
)
def test_what_was_missed_is_made_as_long_as_it_is_no_doubling(
    hours: tuple[time, ...], back: datetime, due: str
) -> None:
    assert planned(back, replace(DAILY, hours=hours)) == (due, [] if due else [f"0/0 {NOT_RUNNING}"])


def test_of_a_very_long_time_away_the_last_year_is_history() -> None:
    found = plan(DAILY, at(1000, 9), occasion(0), MONDAY)
    assert (len(found.skipped), found.due and found.due.date) == (365, MONDAY + timedelta(1000))


def test_a_clock_that_went_back_makes_nothing_due() -> None:
    assert planned(at(-500, 9), settled=occasion(0)) == planned(at(-500, 9)) == ("", [])


# -- quiet hours


def test_what_is_due_in_quiet_hours_waits_for_their_end_under_its_own_date() -> None:
    late = replace(DAILY, hours=(time(23),), quiet=NIGHT)
    for now in (at(0, 23), at(1, 3), at(1, 6.9)):
        assert plan(late, now, None, MONDAY) == Plan(waits=datetime(2026, 4, 14, 7))
    assert planned(at(1, 7), late) == ("0/0", [])
    assert planned(at(1, 23), late, occasion(0)) == ("", [])


def test_of_several_that_waited_the_newest_is_told() -> None:
    restless = replace(DAILY, hours=(time(2), time(5)), quiet=NIGHT)
    assert planned(at(0, 7), restless) == ("0/1", [f"0/0 {IN_QUIET}"])


def test_one_that_waited_is_told_however_near_the_next_one_is() -> None:
    assert planned(at(0, 7), replace(DAILY, hours=(time(5), EIGHT), quiet=NIGHT)) == ("0/0", [])


def test_what_was_missed_waits_too_unless_it_would_be_too_old_then() -> None:
    schedule = replace(DAILY, hours=(time(20),), quiet=NIGHT)
    assert plan(schedule, at(0, 22.5), None, MONDAY) == Plan(waits=datetime(2026, 4, 14, 7))
    assert planned(at(1, 7), schedule) == ("0/0", [])
    assert planned(at(0, 22.5), replace(DAILY, quiet=NIGHT)) == ("", [f"0/0 {NOT_RUNNING}"])


@pytest.mark.parametrize("quiet", [Quiet(time(12), time(14)), Quiet(time(22), time(7)), Quiet(time(9), time(9))])
def test_quiet_hours_begin_and_end_on_the_minute(quiet: Quiet) -> None:
    for minute in range(24 * 60):
        wall = datetime.combine(MONDAY, time()) + timedelta(minutes=minute)
        inside = wall.time() >= quiet.start, wall.time() < quiet.end
        assert quiet.holds(wall) is (all(inside) if quiet.start <= quiet.end else any(inside))
        if quiet.holds(wall):
            assert not quiet.holds(quiet.over(wall)) and quiet.over(wall) > wall


# -- pauses


def test_what_falls_into_a_pause_is_skipped_and_afterwards_all_is_as_before() -> None:
    pause = Break(datetime(2026, 4, 14), datetime(2026, 4, 16), "away")
    schedule = replace(DAILY, breaks=(pause,))
    assert planned(at(1, 8), schedule, occasion(0)) == ("", ["1/0 away"])
    assert planned(at(2, 23), schedule, occasion(1, state=State.SKIPPED)) == ("", ["2/0 away"])
    assert planned(at(3, 8), schedule, occasion(0)) == ("3/0", ["1/0 away", "2/0 away"])


def test_a_pause_without_an_end_lasts() -> None:
    schedule = replace(DAILY, breaks=(Break(datetime(2026, 4, 14), None, "away"),))
    assert planned(at(300, 9), schedule, occasion(299)) == ("", ["300/0 away"])
    assert upcoming(schedule, at(300, 9), occasion(300), MONDAY) is None


def test_what_was_due_just_before_a_pause_is_not_made_in_it() -> None:
    schedule = replace(DAILY, breaks=(Break(datetime(2026, 4, 13, 8, 1), None, "away"),))
    assert planned(at(0, 8.1), schedule) == ("", ["0/0 away"])


# -- travelling


def test_a_date_that_comes_twice_gives_one_digest() -> None:
    auckland, honolulu = (replace(DAILY, zone=ZoneInfo(name)) for name in ("Pacific/Auckland", "Pacific/Honolulu"))
    landing = at(1, 9, auckland.zone)  # the digest of Tuesday was told; in Honolulu it is Monday again
    assert honolulu.wall(landing).date() == MONDAY
    now = landing
    while honolulu.wall(now) < datetime(2026, 4, 15, 8):
        assert planned(now, honolulu, occasion(1)) == ("", [])
        now += timedelta(minutes=30)
    assert planned(now, honolulu, occasion(1)) == ("2/0", [])


def test_an_hour_that_was_flown_over_is_due_at_landing_if_its_date_lasts() -> None:
    leap = (datetime(2026, 4, 13, 10), datetime(2026, 4, 14, 9))
    auckland = replace(TWICE, zone=ZoneInfo("Pacific/Auckland"), leap=leap)
    landing = at(1, 9.01, auckland.zone)
    assert planned(landing, auckland, occasion(0)) == ("1/0", [f"0/1 {NEVER_CAME}"])


def test_a_date_that_never_came_is_not_owed() -> None:
    leap = (datetime(2026, 4, 13, 23, 30), datetime(2026, 4, 15, 0, 30))
    kiritimati = replace(DAILY, zone=ZoneInfo("Pacific/Kiritimati"), leap=leap)
    assert planned(at(2, 0.6, kiritimati.zone), kiritimati, occasion(0)) == ("", [f"1/0 {NEVER_CAME}"])


# -- what has failed


def test_what_has_failed_is_due_again_as_long_as_its_date_lasts() -> None:
    failed = occasion(0, state=State.FAILED)
    assert planned(at(0, 8), settled=failed) == planned(at(0, 23.9), settled=failed) == ("0/0", [])
    assert planned(at(1, 0), settled=failed) == ("", [])
    assert planned(at(1, 8), settled=failed) == ("1/0", [])


def test_what_has_waited_and_then_failed_is_due_again_on_the_day_it_waited_for() -> None:
    schedule, failed = replace(DAILY, hours=(time(23),), quiet=NIGHT), occasion(0, state=State.FAILED)
    assert planned(at(1, 9), schedule, failed) == ("0/0", [])
    assert plan(schedule, at(1, 22), failed, MONDAY) == Plan()


def test_what_has_failed_gives_way_to_the_next_hour_to_quiet_hours_and_to_pauses() -> None:
    failed = occasion(0, state=State.FAILED)
    assert planned(at(0, 16), TWICE, failed) == ("", [])
    assert planned(at(0, 18.5), TWICE, failed) == ("0/1", [])
    assert planned(at(0, 12), replace(DAILY, quiet=Quiet(time(11), time(13))), failed) == ("", [])
    assert planned(at(0, 12), replace(DAILY, breaks=(Break(datetime(2026, 4, 13), None, "away"),)), failed) == ("", [])
    assert planned(at(0, 12), replace(DAILY, days=frozenset({3})), failed) == ("", [])


# -- what comes next


@pytest.mark.parametrize(
    ("schedule", "now", "settled", "coming"),
    [
        (DAILY, at(0, 7), None, "2026-04-13T08:00"),
        (DAILY, at(0, 9), None, "2026-04-13T09:00"),  # now
        (DAILY, at(0, 9), occasion(0), "2026-04-14T08:00"),
        (TWICE, at(0, 9), occasion(0), "2026-04-13T18:30"),
        (replace(DAILY, hours=(time(23),), quiet=NIGHT), at(0, 9), None, "2026-04-14T07:00"),
        (replace(DAILY, hours=(time(23),), quiet=NIGHT), at(1, 1), None, "2026-04-14T07:00"),
        (replace(DAILY, hours=(time(23),), quiet=NIGHT), at(0, 23.5), None, "2026-04-14T07:00"),
        (
            replace(DAILY, breaks=(Break(datetime(2026, 4, 14), datetime(2026, 4, 20), ""),)),
            at(0, 9),
            occasion(0),
            "2026-04-20T08:00",
        ),
        (DAILY, at(0, 9), occasion(1), "2026-04-15T08:00"),  # the owner flew back over the date line
    ],
)
def test_the_next_digest_can_be_told(schedule: Schedule, now: datetime, settled: Occasion | None, coming: str) -> None:
    assert upcoming(schedule, now, settled, MONDAY) == datetime.fromisoformat(coming)
