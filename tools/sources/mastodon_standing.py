"""What stands at a Mastodon account, beside its feeds: whom it follows, what it hides, how far its owner has read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from memory.records import Account, Fetched, Rule
from tools.sources.answers import Json
from tools.sources.mastodon_client import RefusedError, row_id
from tools.sources.mastodon_feeds import Step, Walk, paged
from tools.sources.statuses import instant, parse_account, parse_filter

FOLLOWING_EVERY: Final = timedelta(hours=6)
MANY: Final = 80  # accounts on a page


def marker(walk: Walk) -> Iterator[Step]:
    """How far the owner has read the home timeline, where a client writes that down."""
    answer = walk.server.ask("the read marker", lambda client: client.markers_get(["home"]))
    home = answer.get("home") if isinstance(answer, Mapping) else None
    number = str(home.get("last_read_id") or "") if isinstance(home, Mapping) else ""
    if not number or number == walk.marks.get("markers"):
        return
    walk.marks["markers"] = number
    for _, status in walk.server.statuses([number], surely=False):
        if isinstance(status, Mapping) and "created_at" in status:
            yield walk.here(Fetched(read_up_to=("home", instant(status["created_at"]))))


def following(walk: Walk, me: Json) -> Iterator[Step]:
    """Everybody the owner follows, anew every six hours."""
    mark = walk.marks.get("following")
    if mark and walk.now() - instant(mark) < FOLLOWING_EVERY:
        return
    call = paged("account_following", row_id(me), limit=MANY)
    accounts: list[Account] = []
    for page in walk.server.back("the accounts you follow", call):
        accounts += [parse_account(row, base_url=walk.base_url, followed=True) for row in page]
    walk.marks["following"] = walk.now().isoformat()
    yield walk.here(Fetched(accounts=tuple(accounts), followed=frozenset(account.uri for account in accounts)))


def rules(walk: Walk) -> Iterator[Step]:
    """Mutes, blocks, filters and followed hashtags as one snapshot; none at all while a part of it is away."""
    found: list[Rule] = []
    for what, scope, ask in (
        ("your mutes", "read:mutes", partial(_people, walk, "mutes", "mute")),
        ("your blocks", "read:blocks", partial(_people, walk, "blocks", "block")),
        ("your filters", "read:filters", partial(_filters, walk)),
        ("the hashtags you follow", "read:follows", partial(_tags, walk)),
    ):
        try:
            found += ask(what)
        except RefusedError as refused:
            if refused.forbidden:
                yield walk.lacking(what, scope)
            elif not refused.missing:
                raise
    yield walk.here(Fetched(rules=tuple(dict.fromkeys(found))))


def _people(walk: Walk, method: str, kind: str, what: str) -> list[Rule]:
    rows = [row for page in walk.server.back(what, paged(method, limit=MANY)) for row in page]
    return [
        Rule(
            kind,
            parse_account(row, base_url=walk.base_url).uri,
            instant(row["mute_expires_at"]) if row.get("mute_expires_at") else None,
        )
        for row in rows
    ]


def _filters(walk: Walk, what: str) -> list[Rule]:
    try:
        rows = walk.server.rows(what, lambda client: client.filters_v2())
    except RefusedError as refused:
        if not refused.missing:
            raise
        rows = walk.server.rows(what, lambda client: client.filters())
    return [rule for row in rows for rule in parse_filter(row)]


def _tags(walk: Walk, what: str) -> list[Rule]:
    pages = walk.server.back(what, paged("followed_tags", limit=MANY))
    return [Rule("tag", str(row["name"]).lower()) for page in pages for row in page if row.get("name")]
