"""What the owner can ask with a slash. Commands are parsed from the owner's own words alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from agents.interests import parse_interests
from agents.numbers import counted
from bot.choices import CHOICES
from bot.feedback import Feedback
from bot.menu import HELP
from bot.notes import NOTES, Notebook
from bot.parcels import PARCELS
from bot.schedule import NOT_HERE, Schedule
from bot.speaking import Speaker, own, say
from bot.timetable import Timetable
from memory.records import Digest, Kind, Outgoing, Rule, Span, State
from memory.store import Memory
from memory.store.notes import SOURCE


@dataclass(frozen=True)
class Asked:
    """A command as it was said, with what it is about. ``key`` is for the answer."""

    memory: Memory
    speaker: Speaker
    words: str
    digest: Digest | None
    now: datetime
    key: str
    reply_to: str
    model: str
    timetable: Timetable = field(default_factory=Timetable)
    channel: str = ""
    author: str = ""  # Account.uri of the owner
    swept_later: Callable[[], object] = lambda: None  # something was forgotten that files still hold

    @property
    def notebook(self) -> Notebook:
        """What the owner wants remembered."""
        return Notebook(self.memory, self.now, self.author, self.swept_later)

    @property
    def schedule(self) -> Schedule:
        """When digests are wanted, as things stand."""
        return self.timetable.schedule(self.memory, self.now)

    def says(self, *words: Span | str) -> Outgoing:
        """The answer; strings are plain words."""
        return say(self.key, *words, reply_to=self.reply_to)

    def puzzled(self, example: str) -> Outgoing:
        """The answer to what is no such command."""
        return self.says(*own(f"I did not understand that. For example: {example}"))


Answer = Outgoing | list[Feedback]
"""What to say, or feedback that was meant."""


def _numbers(words: str) -> list[int]:
    return [int(n) for n in words.split()] if re.fullmatch(r"(?:\d{1,4}\s*)+", words) else []


def why(asked: Asked) -> Answer:
    """/why N"""
    numbers = _numbers(asked.words)
    if not numbers:
        return asked.puzzled("/why 2")
    entries = {entry.number: entry for entry in asked.digest.entries} if asked.digest else {}
    if numbers[0] not in entries:
        there = f"The last digest has entries 1 to {len(entries)}." if entries else "There was no digest yet."
        return asked.says(there)
    return asked.speaker.why(entries[numbers[0]], asked.key, asked.reply_to)


def _wish(kind: Kind, weight: float) -> Callable[[Asked], Answer]:
    def command(asked: Asked) -> Answer:
        if numbers := _numbers(asked.words):
            return [Feedback(kind, number, "👍" if kind is Kind.MORE else "👎") for number in numbers]
        topics = parse_interests(asked.words)
        if not topics:
            return asked.puzzled(f"/{kind.value} rail")
        for topic, said in topics.items():  # "/more rail, no football" is no wish for football
            asked.memory.rules.set_interest(topic, said if said < 0 else weight, asked.now)
        return asked.says(f"Noted. {wishes(asked.memory.rules.interests())}")

    return command


def wishes(interests: Mapping[str, float]) -> str:
    """All wishes in a sentence."""
    more = ", ".join(topic for topic, weight in interests.items() if weight > 0)
    less = ", ".join(topic for topic, weight in interests.items() if weight < 0)
    return " ".join(part for part in (f"More of: {more}." if more else "", f"Less of: {less}." if less else "") if part)


def seen(asked: Asked) -> Answer:
    """/seen N"""
    numbers = _numbers(asked.words)
    return [Feedback(Kind.SEEN, number, "🙈") for number in numbers] if numbers else asked.puzzled("/seen 3")


def mute(asked: Asked) -> Answer:
    """/mute @name or a word"""
    rule, name = _rule(asked)
    if rule is None:
        return asked.puzzled("/mute @name or /mute horoscope") if not name else _nobody(asked, name)
    asked.memory.rules.add(rule)
    return asked.says(f"Nothing {name} any more. ", *own("/unmute takes it back."))


def unmute(asked: Asked) -> Answer:
    """/unmute @name or a word"""
    rule, name = _rule(asked)
    if rule is None:
        return asked.puzzled("/unmute @name") if not name else _nobody(asked, name)
    done = asked.memory.rules.remove(rule.kind, rule.key)
    told = f"Posts {name} are welcome again." if done else f"Posts {name} were not muted here."
    return asked.says(told)


def _rule(asked: Asked) -> tuple[Rule | None, str]:
    word = asked.words.strip()
    if not word.startswith("@"):
        return (Rule("word", word.lower()), f"with “{word}”") if word else (None, "")
    account = asked.memory.accounts.by_handle(word)
    return (Rule("mute", account.uri), f"by @{account.handle}") if account else (None, word)


def _nobody(asked: Asked, name: str) -> Outgoing:
    return asked.says(f"I know nobody, or more than one, called {name}: write @name@host.")


def status(asked: Asked) -> Outgoing:
    """/status"""
    memory, schedule = asked.memory, asked.schedule
    collected = next((row.ended for row in memory.runs.latest("collect", 1, asked.now) if row.ended), None)
    read = f"{schedule.wall(collected):%d %b %H:%M}" if isinstance(collected, datetime) else "never"
    return asked.says(
        f"I know {counted(memory.items.count(but_of=SOURCE), 'post')} "
        f"by {counted(len(memory.accounts.all()), 'account')}, last read {read}. Model: {asked.model}.\n"
        f"{_digests(asked)}\n"
        f"{wishes(memory.rules.interests()) or 'You have told me no wishes yet.'}\n"
        f"{_trouble(asked)}"
    )


def _digests(asked: Asked) -> str:
    """The next digest and the last, and what became of the last hour if it brought none."""
    memory, schedule = asked.memory, asked.schedule
    last = memory.digests.latest()
    told = f"{counted(len(last.entries), 'entry', 'entries')} on {last.date}" if last else "none yet"
    at = asked.timetable.next(memory, asked.now)
    parts = [f"Next digest: {f'{at:%a %d %b %H:%M}' if at else 'none'} ({schedule.zone.key}).", f"Last digest: {told}."]
    wall = schedule.wall(asked.now)
    if pause := schedule.break_at(wall):
        year = "" if pause.until is None or pause.until.year == wall.year else " %Y"
        until = f"{pause.until:%a %d %b{year} %H:%M}" if pause.until else "you say /resume"
        parts.insert(0, f"Paused until {until}.")
    newest = asked.timetable.newest(memory, asked.now)
    if newest and newest.state is State.FAILED:
        parts.append(f"That of {newest.date} has failed so far.")
    elif newest and newest.reason and newest.reason != NOT_HERE:
        parts.append(f"{_BECAME[newest.state].format(newest.date)} {newest.reason.rstrip('.')}.")
    return " ".join(parts)


_BECAME = {
    State.TOLD: "That of {} was told late, because",
    State.QUIET: "On {}:",
    State.SKIPPED: "That of {} was skipped:",
}


def _trouble(asked: Asked) -> str:
    """What went wrong lately, told once."""
    newest = asked.timetable.newest(asked.memory, asked.now)
    failures = [newest.reason] if newest and newest.state is State.FAILED else []
    failures += [failure for row in asked.memory.runs.latest(limit=5) for failure in row.failures]
    return f"Trouble: {failures[0]}" if failures else "No trouble lately."


def stop(asked: Asked) -> Answer:
    """/stop"""
    count = asked.memory.questions.stop(asked.channel)
    if not count:
        return asked.says("There is nothing to stop: no question waits.")
    return asked.says(f"Stopped: {'one question' if count == 1 else f'{count} questions'} will not be answered.")


def help_(asked: Asked) -> Answer:
    """/help"""
    return asked.says(*own(HELP))


COMMANDS: Mapping[str, Callable[[Asked], Answer]] = {
    "why": why,
    "more": _wish(Kind.MORE, 1.0),
    "less": _wish(Kind.LESS, -1.0),
    "mute": mute,
    "unmute": unmute,
    "seen": seen,
    **CHOICES,
    **NOTES,
    **PARCELS,
    "stop": stop,
    "status": status,
    "help": help_,
    "start": help_,
}
"""All but /digest, which runs a job and is the router's, and those that wait."""

WAITS: Final = frozenset({"taste"})
"""What is answered like a question: in its turn, by whoever answers those."""
