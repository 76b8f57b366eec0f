"""What must hold after a story of trouble, however it went: each look yields what is wrong, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from memory.records import Digest, Kind
from tests.scenarios.telegram_schedule import NOTE, Schedule

ASKED: Final = ": which entry? "
REPEAT: Final = re.compile(r"May be a repeat: I first tried to say this on \d{1,2} [A-Z][a-z]+, \d\d:\d\d UTC\.\n")


def wrong(schedule: Schedule, digest: Digest) -> Iterator[str]:
    """Everything that does not hold."""
    yield from _with_feedback(schedule)
    yield from _with_commands(schedule)
    yield from _with_the_note(schedule)
    yield from _with_what_was_said(schedule, digest)
    for one in schedule.town.said(schedule.stranger):
        yield f"a stranger was told {one.text[:40]!r}"
    for key, state in schedule.rows("SELECT key, state FROM outbox WHERE state != 'sent'"):
        yield f"{key} is {state}"


def doubled(schedule: Schedule) -> int:
    """How many messages were said more often than once."""
    bare = [REPEAT.sub("", one.text) for one in schedule.town.said(schedule.owner)]
    return len(bare) - len(set(bare))


def _with_feedback(schedule: Schedule) -> Iterator[str]:
    """What the owner feels counts once, or is asked back where nobody can know to which entry it is."""
    with schedule.magpie.store.begin() as memory:
        deeds = [deed for deed in memory.reactions.all() if deed.kind is not Kind.AUTHORED]  # a note is no feedback
    felt = Counter((schedule.uris.get(deed.item, deed.item), deed.kind) for deed in deeds)
    missing, more = schedule.feedback - felt, felt - schedule.feedback
    if more or missing - schedule.unsure:
        yield f"counted was {dict(felt)}, and meant {dict(schedule.feedback)}"
    asked = {line for one in schedule.town.said(schedule.owner) for line in one.text.splitlines() if ASKED in line}
    if missing and not asked:
        yield f"lost was {dict(missing)}, and nobody was asked"


def _with_commands(schedule: Schedule) -> Iterator[str]:
    """Each word of the owner is kept once, in the order in which it was said, and each command was answered."""
    mine = schedule.rows("SELECT platform_id FROM messages WHERE platform_id LIKE '%o' AND incoming ORDER BY id")
    numbers = [int(number.rpartition("-")[2].rstrip("o")) for (number,) in mine]
    if numbers != sorted(numbers):
        yield f"heard out of order: {numbers}"
    kept = Counter(text for (text,) in schedule.rows("SELECT text FROM messages WHERE incoming"))
    meant = Counter(message.text for message in schedule.said)
    answered = [key for (key,) in schedule.rows("SELECT key FROM outbox WHERE key LIKE 'answer/%' AND state = 'sent'")]
    for message in schedule.said:
        if kept[message.text] != meant[message.text]:
            yield f"{message.text!r} is kept {kept[message.text]} times, not {meant[message.text]}"
        key = f"answer/{schedule.town.bot['id']}-{message.id}o"
        if message.text.startswith("/") and answered.count(key) != 1:
            yield f"{message.text!r} is not answered"


def _with_the_note(schedule: Schedule) -> Iterator[str]:
    """Words put to what was handed on are a note, once, and no question."""
    with schedule.magpie.store.begin() as memory:
        notes = [note.text for note in memory.notes.all()]
    if [note.partition("\n")[0] for note in notes] != [NOTE]:
        yield f"noted was {notes}"
    if schedule.rows("SELECT 1 FROM questions WHERE text = ?", NOTE):
        yield "a note was taken for a question"


def _with_what_was_said(schedule: Schedule, digest: Digest) -> Iterator[str]:
    """Everything is there; and of what is there twice, all but one say so, with a date."""
    texts = [one.text for one in schedule.town.said(schedule.owner)]
    undated = Counter(text for text in texts if not REPEAT.match(text))
    for text, times in undated.items():
        if times > 1:
            yield f"said {times} times without a word of it: {text[:60]!r}"
    for entry in digest.entries:
        if not schedule.of(entry):
            yield f"{entry.number} was never told"
    day = f"Magpie · {digest.date:%A} {digest.date.day} {digest.date:%B}\n"
    if not any(REPEAT.sub("", text).startswith(day) for text in texts):
        yield "the head was never told, or bears no date"
