"""Questions that go on from the ones before: what they leave out is taken from there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.answer import Intent, Turn, Understood
from agents.understanding.intents import empty
from agents.understanding.people import named
from agents.understanding.question import Asked
from agents.understanding.tongues import Tongue
from memory.query import Filters
from memory.records import Account

_GONE_ON_FROM = (Intent.FIND, Intent.MISSED, Intent.TALK, Intent.SUMMARISE)
_THING = {
    "en": re.compile(r"\bit\b(?! (?:true|possible|worth|rain|snow))"),
    "de": re.compile(r"(?<!gibt )(?<!geht )\b(?:es|sie|er|ihn)\b(?! gibt| geht)"),
    "fr": re.compile(r"(?<!y a-t-)\b(?:il|elle|ils|elles)\b(?! y a| faut)"),
    "es": re.compile(r"\b(?:eso|esto|lo)\b|^(?:¿ ?)?(?:y )?(?:por que|cuando|donde|como)\b"),
    "it": re.compile(r"\b(?:lo|esso|essa)\b|^(?:e )?(?:perche|quando|dove|come)\b"),
    "pt": re.compile(r"\b(?:isso|isto|ele|ela)\b|^(?:e )?(?:por ?que|quando|onde|como)\b"),
    "nl": re.compile(r"(?<!is )\b(?:het|hij|ze)\b(?= ?[?.!]?$| \w+(?: \w+)? ?[?.!]?$)"),
}
"""What stands for a thing that was spoken of; where a language leaves that out, how one asks on."""

_LITTLE = 2
"""So many words that say something may stand beside such a pronoun: "why was it closed?"."""

_HAPPENED = re.compile(
    r"happen\w*|passier\w*|gescheh\w*|geschah|los|passe\w*|arriv[ei]\w*|paso|pasa\w*|sucedi\w*|ocurri\w*|success[oa]"
    r"|accadut[oa]|acontec\w*|gebeur\w*|news|new|latest"
)
_LINE = re.compile(r"^\s*(?:\[(\d{1,2})\]|\(?(\d{1,2})[.)])\s+(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it reads by itself. ``text`` is what is left without its filters and its frame."""

    asked: Asked
    spoken: Tongue
    intent: Intent
    filters: Filters
    text: str
    rest: str  # without its filters, with its frame
    pronoun: bool = False
    led: bool = False  # it began with "and", "what about"


def stripped(asked: Asked, spoken: Tongue) -> tuple[Asked, bool]:
    """The question without "and", "what about" and the like at its beginning, and whether there was any."""
    text, led = asked, False
    patterns = [re.compile(pattern) for pattern in spoken.words["follow"]["lead"]]
    for _ in range(3):
        match = next((found for found in (pattern.match(text.folded) for pattern in patterns) if found), None)
        if not match or match.end() >= len(text.text):
            break
        text, led = Asked(text.text[match.end() :]), True
    return text, led


def last_people(before: Sequence[Turn], accounts: Mapping[str, Account], owner: str, alone: bool) -> frozenset[str]:
    """Whom "she" and "he" stand for: the last ones asked for, else named. ``alone`` ("and he?"): not the very last."""
    asked_for = [turn.understood.filters.people - {owner} for turn in reversed(before)]
    found = [people for people in asked_for if people]
    if alone and len(found) > 1:
        return next((people for people in found if people != found[0]), found[0])
    if found:
        return found[0]
    for turn in reversed(before):
        for text in (turn.question, turn.answer):
            names = named(Asked(text[:2000]), accounts)
            if names:
                return names[-1].uris - {owner}
    return frozenset()


def goes_on(reading: Reading) -> bool:
    """Whether a question cannot be understood by itself."""
    things = reading.spoken.whole(reading.spoken.words["people"]["it"]).search(reading.asked.folded)
    without_matter = not _matter(reading)
    by_itself = reading.filters.kinds or reading.filters.deeds or reading.filters.delivered
    fragment = not reading.rest and bool(reading.filters) and not by_itself
    return reading.led or reading.pronoun or (without_matter and bool(things)) or fragment or asks_on(reading)


def asks_on(reading: Reading) -> bool:
    """Whether a short question says something of a thing that it leaves to the one before: "why was it closed?"."""
    text, matter = reading.asked, _matter(reading)
    names = any(text.capital(begin) and end - begin > 1 for begin, end in text.words[1:])
    said = _THING[reading.spoken.code].search(text.folded)
    plain = reading.intent is Intent.FIND and not reading.filters
    return plain and 0 < len(matter) <= _LITTLE and not names and said is not None


def _matter(reading: Reading) -> list[str]:
    left = Asked(reading.text)
    return [word for word in (left.folded[slice(*place)] for place in left.words) if not empty(word, reading.spoken)]


def again(asked: Asked, spoken: Tongue, before: Sequence[Turn]) -> Understood | None:
    """ "more" and "the second one": the question before, or the line of its answer. None: it is something else."""
    last = _last(before)
    if last is None:
        return None
    follow = spoken.words["follow"]
    plain = asked.folded.strip(" .!?¿¡,")
    if re.fullmatch(follow["more"], plain):
        return last.understood
    for place, pattern in enumerate(follow["ordinals"], 1):
        if re.fullmatch(rf"{follow['ordinal_frame']}(?:{pattern})", plain):
            return replace(last.understood, text=_line(last.answer, place) or last.understood.text)
    return None


def continued(reading: Reading, before: Sequence[Turn]) -> tuple[Intent, Filters, str]:
    """The intent, filters and text of a question that goes on: what it does not say is what was asked last."""
    last = _last(before)
    if last is None:
        return reading.intent, reading.filters, reading.text
    then = last.understood
    matter = _matter(reading)
    if matter and not (reading.led or reading.pronoun):
        topic = _core(_topic(before), reading.spoken) if asks_on(reading) else ""
        if not topic:
            return reading.intent, reading.filters, reading.text
        return reading.intent, then.filters, f"{topic}: {reading.text}"
    intent = reading.intent
    if intent is Intent.FIND and not reading.filters.people and then.intent is not Intent.SUMMARISE:
        intent = then.intent
    filters = _inherited(reading.filters, then.filters, reading.intent)
    return intent, filters, reading.text if matter else _topic(before)


def _inherited(new: Filters, old: Filters, intent: Intent) -> Filters:
    time = new if new.since or new.until else old
    by = new if new.people or intent is Intent.TALK else old
    return Filters(
        since=time.since,
        until=time.until,
        people=by.people,
        own=by.own,
        sources=new.sources or old.sources,
        kinds=new.kinds or old.kinds,
        deeds=new.deeds or old.deeds,
        languages=new.languages or old.languages,
        delivered=new.delivered or old.delivered,
    )


def _last(before: Sequence[Turn]) -> Turn | None:
    return next((turn for turn in reversed(before) if turn.understood.intent in _GONE_ON_FROM), None)


def _topic(before: Sequence[Turn]) -> str:
    asked = [turn.understood for turn in reversed(before) if turn.understood.intent in _GONE_ON_FROM]
    return next((understood.text for understood in asked if understood.text), "")


def _core(topic: str, spoken: Tongue) -> str:
    """What a question is about, without the words that lead up to it: "what happened with the bridge" → "bridge"."""
    left = Asked(topic)
    said = (place for place in left.words if not _leads(left.folded[slice(*place)], spoken))
    begin = next((begin for begin, _ in said), len(topic))
    return left.text[begin:].split(": ")[0].strip(" ?.!¿¡")


def _leads(word: str, spoken: Tongue) -> bool:
    return empty(word, spoken) or _HAPPENED.fullmatch(word) is not None


def _line(answer: str, number: int) -> str:
    lines = {int(a or b): text for a, b, text in _LINE.findall(answer)}
    return str(lines.get(number, ""))[:300].strip()
