"""What the owner can ask with a slash. Commands are parsed from the owner's own words alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agents.interests import parse_interests
from bot.choices import CHOICES
from bot.feedback import Feedback
from bot.schedule import Schedule
from bot.speaking import Speaker, say
from bot.timetable import Timetable
from memory.records import Digest, Kind, Outgoing, Rule, State
from memory.store import Memory


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

    @property
    def schedule(self) -> Schedule:
        """When digests are wanted, as things stand."""
        return self.timetable.schedule(self.memory)

    def says(self, text: str) -> Outgoing:
        """The answer in plain words."""
        return say(self.key, text, reply_to=self.reply_to)

    def puzzled(self, example: str) -> Outgoing:
        """The answer to what is no such command."""
        return self.says(f"I did not understand that. For example: {example}")


Answer = Outgoing | list[Feedback]
"""What to say, or feedback that was meant."""

HELP = """Answer an entry with an emoji, or name it by number: “2 👎 5 🔖”.
👍 more · 👎 less · 🔖 save · 🙈 seen · 🔇 mute its author · 🧵 tell all
/digest: today's digest
/why 3: what made up its score
/more rail, /less football: what you want (or /more 3)
/mute @name, /mute word, /unmute @name
/seen 3: you knew it
/hours 8 18:30, /quiet 22-7, /zone Europe/Lisbon: when I speak
/pause 3 days, /resume
/status: how I am
Anything else searches your archive."""


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
    return asked.says(f"Nothing {name} any more. /unmute takes it back.")


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
    collected = next((row.ended for row in memory.runs.latest("collect", 1) if row.ended), None)
    read = f"{schedule.wall(collected):%d %b %H:%M}" if isinstance(collected, datetime) else "never"
    return asked.says(
        f"I know {memory.items.count()} posts by {len(memory.accounts.all())} accounts, last read {read}. "
        f"Model: {asked.model}.\n"
        f"{_digests(asked)}\n"
        f"{wishes(memory.rules.interests()) or 'You have told me no wishes yet.'}\n"
        f"{_trouble(asked)}"
    )


def _digests(asked: Asked) -> str:
    """The next digest and the last, and what became of the last hour if it brought none."""
    memory, schedule = asked.memory, asked.schedule
    last = memory.digests.latest()
    told = f"{len(last.entries)} entries on {last.date}" if last else "none yet"
    at = asked.timetable.next(memory, asked.now)
    parts = [f"Next digest: {f'{at:%a %d %b %H:%M}' if at else 'none'} ({schedule.zone.key}).", f"Last digest: {told}."]
    if pause := schedule.break_at(schedule.wall(asked.now)):
        parts.insert(
            0, f"Paused until {pause.until:%a %d %b %H:%M}." if pause.until else "Paused until you say /resume."
        )
    newest = asked.timetable.newest(memory, asked.now)
    if newest and newest.state is State.FAILED:
        parts.append(f"That of {newest.date} has failed so far.")
    elif newest and newest.reason:
        parts.append(f"{newest.date}: {newest.state}, {newest.reason.rstrip('.')}.")
    return " ".join(parts)


def _trouble(asked: Asked) -> str:
    """What went wrong lately, told once."""
    newest = asked.timetable.newest(asked.memory, asked.now)
    failures = [newest.reason] if newest and newest.state is State.FAILED else []
    failures += [failure for row in asked.memory.runs.latest(limit=5) for failure in row.failures]
    return f"Trouble: {failures[0]}" if failures else "No trouble lately."


def help_(asked: Asked) -> Answer:
    """/help"""
    return asked.says(HELP)


COMMANDS: Mapping[str, Callable[[Asked], Answer]] = {
    "why": why,
    "more": _wish(Kind.MORE, 1.0),
    "less": _wish(Kind.LESS, -1.0),
    "mute": mute,
    "unmute": unmute,
    "seen": seen,
    **CHOICES,
    "status": status,
    "help": help_,
    "start": help_,
}
"""All but /digest, which runs a job and is the router's."""
