"""What the bot itself has said on its server, read back: to find out whether a message arrived."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.mastodon_api import Api

__all__ = ["instant", "latest", "says"]

_CLOCKS_DIFFER: Final = timedelta(minutes=10)
_PAGE, _MOST_PAGES = 40, 25
_SAME: Final = 90.0
"""Percent of equal letters from which a post has the words of a message: servers show links and marks differently."""


def latest(api: Api, recorded: Collection[str], since: datetime) -> list[Mapping[str, Any]]:
    """The bot's own posts, oldest first, that are newer than all that is recorded.

    Messages are said in order, and each is recorded before the next: so these are the ones in doubt, whatever the
    clocks say. Only where nothing recorded is met do the clocks count. Raises AgainError, RefusedError.
    """
    found, before = list[Mapping[str, Any]](), None
    for _ in range(_MOST_PAGES):
        rows, links = api.page("account_statuses", api.me[0], limit=_PAGE, max_id=before)
        for row in rows:
            if str(row["id"]) in recorded:
                return found[::-1]
            found.append(row)
        before = links["next"].get("max_id")
        if not before or instant(rows[-1].get("created_at"), since) < since - _CLOCKS_DIFFER:
            break
    return [row for row in found[::-1] if instant(row.get("created_at"), since) >= since - _CLOCKS_DIFFER]


def says(status: Mapping[str, Any], text: str) -> bool:
    """Whether a post has this text; how the server shows the mention, links, marks and line ends does not matter."""
    from rapidfuzz import fuzz

    shown = _letters(html.unescape(re.sub(r"<[^>]*>", "", str(status.get("content") or ""))))
    mention, _, rest = text.partition(" ")
    name, wanted = _letters(mention.partition("@")[2].partition("@")[0]), _letters(rest)
    return any(fuzz.ratio(shown, known + wanted) >= _SAME for known in (name, _letters(mention)))


def instant(value: object, otherwise: datetime) -> datetime:
    """The library turns most instants into datetimes; what it cannot read it leaves as it was."""
    return value.astimezone(UTC) if isinstance(value, datetime) else otherwise


def _letters(text: str) -> str:
    """Letters, digits and pictures, in one spelling."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum() or unicodedata.category(sign) == "So")
