"""What the owner's feedback since the last digest has changed in this one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.ranking import Ranked
from agents.reasons import called
from memory.records import Account

SHOWN = 3
NOTED = 0.2  # points


def told_changes(
    chosen: Sequence[Ranked], without: Sequence[Ranked], ranked: Sequence[Ranked], accounts: Mapping[str, Account]
) -> list[str]:
    """Sentences on what came in, went out and moved by feedback.

    ``without`` and ``ranked`` are what would have been chosen, and the order of all stories, had there been none.
    """
    places = {r.candidate.story.key: place for place, r in enumerate(ranked, 1)}
    scores = {r.candidate.story.key: r.score for r in ranked}
    old, new = ({r.candidate.story.key for r in some} for some in (without, chosen))
    came, moved = [], []
    for number, r in enumerate(chosen, 1):
        key, author = r.candidate.story.key, _author(r, accounts)
        gained = r.score - scores[key]
        if key not in old:
            came.append(f"{number} ({author}, {_ordinal(places[key])} of {len(places)} without it)")
        elif abs(gained) >= NOTED:
            moved.append(
                (abs(gained), f"{number} ({author}) {'up' if gained > 0 else 'down'} by {abs(gained):.1f} points")
            )
    went = [_author(r, accounts) for r in without if r.candidate.story.key not in new]
    did = [f"brought in {_listed(came)}"] if came else []
    did += [f"left out what else would be here, by {_listed(went)}"] if went else []
    did += [f"moved {_listed([words for _, words in sorted(moved, reverse=True)])}"] if moved else []
    if not did:
        return ["Your feedback counted, but nothing today is much like what it was about."]
    return [f"Your feedback {did[0]}.", *(f"It {more}." for more in did[1:])]


def _author(r: Ranked, accounts: Mapping[str, Account]) -> str:
    account = accounts.get(r.candidate.lead.author)
    return called(account, accounts) if account else "a post"


def _ordinal(place: int) -> str:
    ending = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _listed(parts: Sequence[str]) -> str:
    more = [f"{len(parts) - SHOWN} more"] if len(parts) > SHOWN else []
    shown = [*parts[:SHOWN], *more]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
