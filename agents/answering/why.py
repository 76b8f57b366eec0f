"""WHY: why a story was sent, by the reasons that were stored with it."""

from __future__ import annotations

import re

from agents.answer import Answer, Claim
from agents.answering import Means, Question, whole
from agents.answering.passages import stems
from memory.records import Entry, Item

_NUMBER = re.compile(r"(?<![\d.,/:-])\d{1,2}(?![\d.,/:-])")


def why(means: Means, question: Question) -> Answer:
    """The reasons, and what weighed most in the score."""
    entry = question.entry or _meant(means, question)
    leads = means.items([entry.lead]) if entry else []
    if entry is None or not leads:
        hint = "I do not know which story you mean: answer to it, or name its number in the last digest."
        return Answer(question.understood, notes=(hint,))
    reasons = "; ".join(entry.reasons) or "nothing was noted"
    claims = [Claim(f"I sent it because {reasons}.", (1,))]
    if weighed := _weighed(entry):
        claims.append(Claim(f"What counted most: {weighed}. “/why {entry.number}” tells every number.", (1,)))
    return Answer(question.understood, tuple(claims), (whole(leads[0], "digest"),))


def _weighed(entry: Entry) -> str:
    best = sorted((f for f in entry.factors if f.points > 0), key=lambda factor: -factor.points)[:3]
    return ", ".join(f"{factor.name} {factor.points:+.1f}" for factor in best)


def _meant(means: Means, question: Question) -> Entry | None:
    """The entry of the last digest that the question names by number or by its words; of one entry, that one."""
    with means.store.begin() as memory:
        digest = memory.digests.latest()
        items = memory.items.all([e.lead for e in digest.entries]) if digest else {}
    entries = [entry for entry in digest.entries if entry.lead in items] if digest else []
    numbers = {int(number) for number in _NUMBER.findall(question.text)}
    named = [entry for entry in entries if entry.number in numbers]
    if len(named) == 1 or len(entries) == 1:
        return (named or entries)[0]
    cited = [entry for entry in entries if not set(question.before).isdisjoint(entry.items)]
    return _best(entries, items, question.understood.text) or (cited[0] if cited else None)


def _best(entries: list[Entry], items: dict[str, Item], text: str) -> Entry | None:
    wanted = stems(text)
    shared = {entry.number: len(wanted & stems(items[entry.lead].searchable)) for entry in entries}
    best = max(entries, key=lambda entry: shared[entry.number], default=None)
    alone = best and sum(count == shared[best.number] for count in shared.values()) == 1
    return best if best and alone and shared[best.number] else None
