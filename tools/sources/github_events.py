"""The JSON of GitHub's public API → the nouns. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from memory.records import Account, Counts, Fetched, How, Item, Share
from tools.sources.answers import Json, count, dated, line, moment, text
from tools.sources.feed_items import language_of
from tools.sources.prose import plain

SITE: Final = "https://github.com"
_LOGIN: Final = re.compile(r"[A-Za-z0-9-]{1,39}(?:\[bot\])?")
_FULL: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[\w.-]{1,100}")


def person(login: str, followed: bool | None = None) -> Account:
    """Somebody on GitHub. Raises ValueError."""
    if not _LOGIN.fullmatch(login):
        raise ValueError(f"its owner is {login[:40]!a}")
    url = f"{SITE}/{login}"
    return Account(
        url, f"{login.replace('[bot]', '')}@github.com", login, url, login.endswith("[bot]"), followed=followed
    )


def repository(row: Json, source: str, now: datetime) -> tuple[Item, Account]:
    """A repository and whose it is. Raises ValueError."""
    name = text(row, "full_name")
    if not _FULL.fullmatch(name):
        raise ValueError(f"its name is {name[:60]!a}")
    page = f"{SITE}/{name}"
    topics = [topic for topic in row.get("topics") or () if isinstance(topic, str)]
    item = Item(
        uri=page,
        ref=page,
        author=f"{SITE}/{name.partition('/')[0]}",
        created_at=dated(moment(text(row, "created_at")), now),
        text=plain(line(row, "description")).text or name,
        url=page,
        source=source,
        kind="repository",
        title=name,
        language="en",
        links=(page,),
        tags=tuple(topic.lower() for topic in topics),
        counts=Counts(likes=count(row, "stargazers_count"), boosts=count(row, "forks_count")),
        raw=row,
    )
    return item, person(name.partition("/")[0])


def doing(event: Json, source: str, now: datetime, look_up: Callable[[str], Json]) -> Fetched | None:
    """What somebody did, if it puts something before those who follow them: starred, published or released it.

    An event says little of a repository: ``look_up`` tells the rest. Raises ValueError.
    """
    what, at = text(event, "type"), dated(moment(text(event, "created_at")), now)
    actor = person(text(event, "actor", "login"))
    if what == "ReleaseEvent" and text(event, "payload", "action") == "published":
        return _released(event, source, actor, at)
    begun = what == "CreateEvent" and text(event, "payload", "ref_type") == "repository"
    starred = what == "WatchEvent" and text(event, "payload", "action") == "started"
    if not (begun or starred or what == "PublicEvent"):
        return None
    name = text(event, "repo", "name")
    if not _FULL.fullmatch(name):
        raise ValueError(f"it is about {name[:60]!a}")
    item, owner = repository(look_up(name), source, now)
    how = How.BOOSTED if starred else How.POSTED
    return _by(actor, item, owner, at, how, f"{SITE}#event-{text(event, 'id')}" if starred else "")


def _released(event: Json, source: str, actor: Account, at: datetime) -> Fetched:
    release, name = event["payload"]["release"], text(event, "repo", "name")
    page, owner = text(release, "html_url"), person(name.partition("/")[0])
    if not page.startswith(f"{SITE}/{name}/releases/") or not page.isascii():
        raise ValueError("its address is not the project's")
    short = name.rpartition("/")[2]
    title = line(release, "name") or line(release, "tag_name")
    item = Item(
        uri=page,
        ref=page,
        author=owner.uri,
        created_at=dated(moment(text(release, "published_at")), at),
        text=plain(text(release, "body")).text,
        url=page,
        source=source,
        kind="release",
        title=title if short.lower() in title.lower() else f"{short} {title}",
        language=language_of("en"),
        links=(page,),
        raw=release,
    )
    return _by(actor, item, owner, item.created_at, How.POSTED)


def _by(actor: Account, item: Item, owner: Account, at: datetime, how: How, ref: str = "") -> Fetched:
    others = () if owner.uri == actor.uri else (owner,)
    return Fetched(item=item, accounts=(actor, *others), shares=(Share(actor.uri, item.uri, at, how, ref),))
