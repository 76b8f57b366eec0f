"""What the owner's feedback since the last digest has changed in this one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.ranking import Ranked
from memory.records import Account

SHOWN = 3


def told_changes(
    chosen: Sequence[Ranked],
    chosen_without: Sequence[Ranked],
    ranked_without: Sequence[Ranked],
    accounts: Mapping[str, Account],
) -> list[str]:
    """Sentences on what came in, went up and went out by feedback, against the same digest made without it."""
    places = {r.candidate.story.key: place for place, r in enumerate(ranked_without, 1)}
    old = {r.candidate.story.key for r in chosen_without}
    new = {r.candidate.story.key for r in chosen}
    came = [
        f"{number} ({_author(r, accounts)}, otherwise {_ordinal(places[r.candidate.story.key])} of {len(places)})"
        for number, r in enumerate(chosen, 1)
        if r.candidate.story.key not in old
    ]
    went = [_author(r, accounts) for r in chosen_without if r.candidate.story.key not in new]
    notes = []
    if came:
        notes.append(f"Your feedback brought in {_listed(came)}.")
    if went:
        notes.append(f"It left out what else would be here: {_listed(went)}.")
    return notes or ["Your feedback counted, but changes none of today's choice."]


def _author(r: Ranked, accounts: Mapping[str, Account]) -> str:
    account = accounts.get(r.candidate.lead.author)
    return f"@{account.handle}" if account else "a post"


def _ordinal(place: int) -> str:
    ending = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _listed(parts: Sequence[str]) -> str:
    more = [f"{len(parts) - SHOWN} more"] if len(parts) > SHOWN else []
    shown = [*parts[:SHOWN], *more]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
