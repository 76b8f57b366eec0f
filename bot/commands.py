"""What the owner can ask with a slash. Commands are parsed from the owner's own words alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agents.interests import parse_interests
from bot.feedback import Feedback
from bot.speaking import Speaker, say
from memory.records import Digest, Kind, Outgoing, Rule
from memory.store import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence


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


Answer = Outgoing | list[Feedback]
"""What to say, or feedback that was meant."""

HELP = """Answer an entry with an emoji, or name it by number: “2 👎 5 🔖”.
👍 more · 👎 less · 🔖 save · 🙈 seen · 🔇 mute its author · 🧵 tell all
/digest: today's digest
/why 3: what made up its score
/more rail, /less football: what you want (or /more 3)
/mute @name, /mute word, /unmute @name
/seen 3: you knew it
/status: how I am
Anything else searches your archive."""


def _usage(asked: Asked, example: str) -> Outgoing:
    return say(asked.key, f"I did not understand that. For example: {example}", reply_to=asked.reply_to)


def _numbers(words: str) -> list[int]:
    return [int(n) for n in words.split()] if re.fullmatch(r"(?:\d{1,4}\s*)+", words) else []


def why(asked: Asked) -> Answer:
    """/why N"""
    numbers = _numbers(asked.words)
    if not numbers:
        return _usage(asked, "/why 2")
    entries = {entry.number: entry for entry in asked.digest.entries} if asked.digest else {}
    if numbers[0] not in entries:
        there = f"The last digest has entries 1 to {len(entries)}." if entries else "There was no digest yet."
        return say(asked.key, there, reply_to=asked.reply_to)
    return asked.speaker.why(entries[numbers[0]], asked.key, asked.reply_to)


def _wish(kind: Kind, weight: float) -> Callable[[Asked], Answer]:
    def command(asked: Asked) -> Answer:
        if numbers := _numbers(asked.words):
            return [Feedback(kind, number, "👍" if kind is Kind.MORE else "👎") for number in numbers]
        topics = parse_interests(asked.words)
        if not topics:
            return _usage(asked, f"/{kind.value} rail")
        for topic, said in topics.items():  # "/more rail, no football" is no wish for football
            asked.memory.rules.set_interest(topic, said if said < 0 else weight, asked.now)
        return say(asked.key, f"Noted. {wishes(asked.memory.rules.interests())}", reply_to=asked.reply_to)

    return command


def wishes(interests: Mapping[str, float]) -> str:
    """All wishes in a sentence."""
    more = ", ".join(topic for topic, weight in interests.items() if weight > 0)
    less = ", ".join(topic for topic, weight in interests.items() if weight < 0)
    return " ".join(part for part in (f"More of: {more}." if more else "", f"Less of: {less}." if less else "") if part)


def seen(asked: Asked) -> Answer:
    """/seen N"""
    numbers = _numbers(asked.words)
    return [Feedback(Kind.SEEN, number, "🙈") for number in numbers] if numbers else _usage(asked, "/seen 3")


def mute(asked: Asked) -> Answer:
    """/mute @name or a word"""
    rule, name = _rule(asked)
    if rule is None:
        return _usage(asked, "/mute @name or /mute horoscope") if not name else _nobody(asked, name)
    asked.memory.rules.add(rule)
    return say(asked.key, f"Nothing {name} any more. /unmute takes it back.", reply_to=asked.reply_to)


def unmute(asked: Asked) -> Answer:
    """/unmute @name or a word"""
    rule, name = _rule(asked)
    if rule is None:
        return _usage(asked, "/unmute @name") if not name else _nobody(asked, name)
    done = asked.memory.rules.remove(rule.kind, rule.key)
    told = f"Posts {name} are welcome again." if done else f"Posts {name} were not muted here."
    return say(asked.key, told, reply_to=asked.reply_to)


def _rule(asked: Asked) -> tuple[Rule | None, str]:
    word = asked.words.strip()
    if not word.startswith("@"):
        return (Rule("word", word.lower()), f"with “{word}”") if word else (None, "")
    account = asked.memory.accounts.by_handle(word)
    return (Rule("mute", account.uri), f"by @{account.handle}") if account else (None, word)


def _nobody(asked: Asked, name: str) -> Outgoing:
    return say(asked.key, f"I know nobody, or more than one, called {name}: write @name@host.", reply_to=asked.reply_to)


def status(asked: Asked) -> Answer:
    """/status"""
    memory = asked.memory
    collected: Sequence[object] = [row.ended for row in memory.runs.latest("collect", 1) if row.ended]
    last = memory.digests.latest()
    failures = [failure for row in memory.runs.latest(limit=5) for failure in row.failures]
    told = f"{len(last.entries)} entries on {last.date}" if last else "none yet"
    zone = asked.speaker.zone
    read = f"{collected[0].astimezone(zone):%d %b %H:%M}" if collected else "never"  # type: ignore[attr-defined]
    text = (
        f"I know {memory.items.count()} posts by {len(memory.accounts.all())} accounts, last read {read}.\n"
        f"Last digest: {told}. Model: {asked.model}.\n"
        f"{wishes(memory.rules.interests()) or 'You have told me no wishes yet.'}\n"
        f"{'Trouble: ' + failures[0] if failures else 'No trouble lately.'}"
    )
    return say(asked.key, text, reply_to=asked.reply_to)


def help_(asked: Asked) -> Answer:
    """/help"""
    return say(asked.key, HELP, reply_to=asked.reply_to)


COMMANDS: Mapping[str, Callable[[Asked], Answer]] = {
    "why": why,
    "more": _wish(Kind.MORE, 1.0),
    "less": _wish(Kind.LESS, -1.0),
    "mute": mute,
    "unmute": unmute,
    "seen": seen,
    "status": status,
    "help": help_,
    "start": help_,
}
"""All but /digest, which runs a job and is the router's."""
