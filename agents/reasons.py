"""Why a story is told, in a line, from the evidence itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.numbers import counted
from agents.ranking import Circumstances, Ranked, followees
from memory.records import Account, How, Share

SHOWN_NAMES = 3
QUIET = 0.4  # shares a day below which somebody seldom posts
_VERB = {
    How.POSTED: "posted it",
    How.BOOSTED: "boosted it",
    How.QUOTED: "quoted it",
    How.REPLIED: "talked about it",
    How.LINKED: "linked it",
}


def reasons(ranked: Ranked, by: Circumstances) -> tuple[str, ...]:
    """Short phrases without a full stop, the strongest first."""
    found = [_who(ranked, by), _growth(ranked), _wish(ranked), ranked.factor("alike").words]
    if ranked.explores:
        found.append("something outside your usual")
    return tuple(reason for reason in found if reason)


def _who(ranked: Ranked, by: Circumstances) -> str:
    accounts = by.accounts
    people = followees(ranked.candidate, accounts)
    if not people:
        tags = ", ".join(f"#{tag}" for tag in ranked.candidate.lead.tags[:2])
        return f"it came with {tags}" if tags else "it came with your feeds"
    names = [called(accounts[uri], accounts) for uri in people]
    if len(people) == 1:
        seldom = ", who seldom posts," if by.rates.get(people[0], 0.0) <= QUIET else ""
        return f"{names[0]}{seldom} {_VERB[ranked.candidate.shares[people[0]].how]}"
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    did = _together(ranked.candidate.shares, people)
    return f"{len(names)} people you follow {did} ({', '.join(names[:SHOWN_NAMES])}{more})"


def _together(shares: Mapping[str, Share], people: Sequence[str]) -> str:
    talk = sum(shares[uri].how is How.REPLIED for uri in people)
    return "talk about it" if talk * 2 >= len(people) else "shared it"


def _growth(ranked: Ranked) -> str:
    more = ranked.candidate.story.grown_by
    return f"{counted(more, 'more person', 'more people')} since it was told" if more else ""


def _wish(ranked: Ranked) -> str:
    wishes = ranked.factor("wishes")
    return wishes.words if wishes.points > 0 else ""


def called(account: Account, accounts: Mapping[str, Account]) -> str:
    """@name, with the host where somebody else in the network bears the same name."""
    name = account.handle.split("@")[0].lower()
    same = sum(other.handle.split("@")[0].lower() == name for other in accounts.values())
    return f"@{account.handle}" if same > 1 else f"@{account.handle.split('@')[0]}"
