"""Time and work: the zone, the clock, when the next digest is due, and how the last jobs have gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.numbers import counted, span
from bot.doctor.findings import Check, Finding, fault, warning, well
from bot.doctor.patient import Patient
from memory.records import State

LATE: Final = timedelta(hours=2)
AHEAD: Final = timedelta(minutes=1)


def zone(patient: Patient) -> Iterator[Finding]:
    """The owner's wall clock can be told, and is the owner's."""
    owner = patient.magpie.settings.owner
    try:
        wall = patient.magpie.now().astimezone(owner.zone)
    except ZoneInfoNotFoundError:
        advice = "install your system's package tzdata, or run 'pip install tzdata'"
        yield fault("time zone", f"this machine does not know the time zone {owner.time_zone}", advice)
        return
    here = _of_this_machine()
    found = f"{owner.time_zone}, where it is {wall:%a %d %b %H:%M}"
    if here in ("", owner.time_zone) or _alike(owner.zone, here, wall):
        yield well("time zone", found)
    elif "time_zone" in owner.model_fields_set:
        yield well("time zone", f"{found}; this machine's is {here}, and yours counts")
    else:
        advice = f'write time_zone = "{here}" under [owner] in magpie.toml, if that is where you live'
        yield warning("time zone", f"{found}, because magpie.toml names none; this machine's is {here}", advice)


def _of_this_machine() -> str:
    from tzlocal import get_localzone_name

    try:
        return str(get_localzone_name() or "")
    except (LookupError, ValueError, OSError):
        return ""


def _alike(zone: ZoneInfo, other: str, wall: Any) -> bool:
    """Whether both show the same now and in half a year."""
    try:
        moments = (wall, wall + timedelta(days=182))
        return all(m.astimezone(zone).utcoffset() == m.astimezone(ZoneInfo(other)).utcoffset() for m in moments)
    except (ZoneInfoNotFoundError, ValueError):
        return False


def clock(patient: Patient) -> Iterator[Finding]:
    """What was done lies in the past. (Servers' clocks are looked at with the servers.)"""
    if patient.store is None:
        return
    with patient.store.begin() as memory:
        last = next(iter(memory.runs.latest(limit=1)), None)
    now = patient.magpie.now()
    if last is not None and last.began > now + AHEAD:
        found = f"the newest run is dated {span(last.began - now)} from now"
        advice = "this machine's clock was set back, or was wrong then: see that it is set by network time"
        yield warning("clock", found, advice)


def next_digest(patient: Patient) -> Iterator[Finding]:
    """When, in the time of the zone that holds now."""
    if patient.store is None:
        return
    with patient.store.begin() as memory:
        when = patient.timetable.next(memory, patient.magpie.now())
        place = patient.timetable.schedule(memory).zone.key
    if when is None:
        yield warning("next digest", "none: it is paused without an end", "write /resume to Magpie in its channel")
        return
    wall = patient.magpie.now().astimezone(ZoneInfo(place)).replace(tzinfo=None)
    yield well("next digest", f"{when:%a %d %b %H:%M} ({place})" if when > wall else "it is due now")


def last_collect(patient: Patient) -> Iterator[Finding]:
    """A home timeline keeps a few hundred posts: what is not collected in time is gone."""
    if patient.store is None:
        return
    with patient.store.begin() as memory:
        last = next(iter(memory.runs.latest("collect", 1)), None)
    if last is None:
        yield warning("last collect", "there was none yet", "run 'magpie run', or 'magpie collect' once")
        return
    age = patient.magpie.now() - last.began
    often = timedelta(minutes=patient.magpie.settings.schedule.collect_minutes)
    if age > max(LATE, 2 * often):
        advice = "see its log, and start it anew" if patient.running else "start it with 'magpie run'"
        yield warning("last collect", f"{span(age)} ago", advice)
    elif last.state not in ("done", "running") or last.failures:
        found = f"{span(age)} ago: {last.state}, with {counted(len(last.failures), 'failure')}"
        yield warning("last collect", found, f"see 'magpie runs show {last.id}'")
    else:
        yield well("last collect", f"{span(age)} ago")


def last_digests(patient: Patient) -> Iterator[Finding]:
    """Those that were due last."""
    if patient.store is None:
        return
    with patient.store.begin() as memory:
        latest = memory.occasions.latest(patient.timetable.channel, 5)
        waiting = [one for parlour in patient.magpie.parlours for one in memory.outbox.waiting(parlour.name)]
    failed = [one for one in latest if one.state is State.FAILED]
    if failed:
        found = f"{len(failed)} of the last {len(latest)} failed, the newest on {failed[0].date}: {failed[0].reason}"
        yield warning("last digests", found, "mend that; what can still be made is tried again by itself")
    elif latest:
        yield well(
            "last digests", f"{latest[0].date}: {latest[0].state}" + (f", {latest[0].reason}" * bool(latest[0].reason))
        )
    if waiting and patient.magpie.remote and not patient.running:
        found = f"{counted(len(waiting), 'message')} still to be said"
        yield warning("outbox", found, "start Magpie with 'magpie run', or 'magpie listen' once")


CHECKS = (
    Check("time", "time zone", zone),
    Check("time", "clock", clock),
    Check("schedule", "next digest", next_digest),
    Check("schedule", "last collect", last_collect),
    Check("schedule", "last digests", last_digests),
)
