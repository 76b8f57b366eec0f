"""A small invented social network, told as a server would tell it: in Mastodon's own shapes, by the clock.

``accounts``, ``history`` and ``day1`` to ``day4`` say who posts what, ``owner`` what the owner does, ``pages`` what the
links lead to. ``want`` and ``topic`` of a post are the truth for measuring; no status tells them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import escape
from importlib.resources import files
from typing import Any

from config.errors import SourceError
from tools.web import Page

BASE_URL = "https://tidepool.example"
FIRST_DAY = datetime(2026, 4, 13, tzinfo=UTC)
DAYS = 4

_FILES = ("history", *(f"day{day}" for day in range(1, DAYS + 1)))
_LINK = re.compile(r"https?://[^\s<>()\"]+[^\s<>()\".,:;!?…“”»]")
_MENTION = re.compile(r"(?<![\w@/.])@([\w.-]+\w)(?:@([\w.-]+\w))?")
_TAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d]\w*)")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens: post, boost, edit, delete, or an act of the owner's; ``row`` as it was written down."""

    at: datetime
    kind: str
    row: Row


@dataclass(frozen=True)
class Network:
    """The whole sample, loaded when it is first looked at. It can be moved in time by its first day."""

    first_day: datetime = FIRST_DAY

    def instant(self, at: str) -> datetime:
        """ "3 08:15" is the third day at a quarter past eight, UTC; days before the first are 0, -1, …"""
        day, clock = at.split()
        hours, minutes = clock.split(":")
        return self.first_day + timedelta(days=int(day) - 1, hours=int(hours), minutes=int(minutes))

    @cached_property
    def accounts(self) -> dict[str, Row]:
        """Accounts by name."""
        return {row["name"]: row for row in _rows("accounts.jsonl")}

    @cached_property
    def posts(self) -> dict[str, Row]:
        """Posts and boosts by id, the owner's among them, in the order of time."""
        rows = [row for name in _FILES for row in _rows(f"{name}.jsonl")]
        rows += [{**row, "by": self.owner} for row in _rows("owner.jsonl") if row["act"] == "post"]
        return {row["id"]: row for row in sorted(rows, key=lambda row: self.instant(row["at"]))}

    @cached_property
    def events(self) -> list[Event]:
        """All that happens, in order."""
        found = list(self._happenings())
        found += [Event(self.instant(row["at"]), "act", row) for row in _rows("owner.jsonl") if row["act"] != "post"]
        return sorted(found, key=lambda event: event.at)

    @cached_property
    def owner(self) -> str:
        """The owner's name."""
        return next(name for name, row in self.accounts.items() if row.get("owner"))

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {name: str(112_000_000_000 + 17 * place) for place, name in enumerate(self.posts)}

    def _happenings(self) -> Iterator[Event]:
        for row in self.posts.values():
            yield Event(self.instant(row["at"]), "boost" if "boost" in row else "post", row)
            if "edit" in row:
                yield Event(self.instant(row["edit"]["at"]), "edit", row)
            if "delete" in row:
                yield Event(self.instant(row["delete"]), "delete", row)

    def handle(self, name: str) -> str:
        """name@host"""
        return f"{name}@{self.accounts[name]['host']}"

    def uri_of(self, name: str) -> str:
        """Account.uri"""
        return f"https://{self.accounts[name]['host']}/users/{name}"

    def uri(self, post: str) -> str:
        """Item.uri of a post."""
        return f"{self.uri_of(self.posts[post]['by'])}/statuses/{self._numbers[post]}"

    def ref(self, post: str) -> str:
        """Item.ref of a post."""
        return f"{BASE_URL}#{self._numbers[post]}"

    def post_of(self, ref: str) -> str | None:
        """The post behind a ref."""
        return self._by_ref.get(ref)

    @cached_property
    def _by_ref(self) -> dict[str, str]:
        return {self.ref(post): post for post in self.posts}

    def wants(self, text: str) -> bool:
        """The truth: whether the owner would be glad of a post that begins like this text."""
        start = "".join(filter(str.isalnum, text))[:40]
        rows = (row for row in self.posts.values() if "text" in row)
        return any(row.get("want") and "".join(filter(str.isalnum, row["text"])).startswith(start) for row in rows)

    def visible(self, row: Row) -> bool:
        """Whether the owner's home timeline shows it: by somebody followed, the owner, or with a followed hashtag."""
        author = self.accounts[row["by"]]
        followed_tags = (r["tag"].lower() for r in _rows("owner.jsonl") if r["act"] == "follow_tag")
        words = row.get("text", "").lower()
        return bool(author.get("follows") or author.get("owner") or any(f"#{tag}" in words for tag in followed_tags))

    def status(self, post: str, now: datetime) -> dict[str, Any]:
        """The post as a server shows it at an instant. Raises SourceError when it is deleted by then."""
        row = self.posts[post]
        if "delete" in row and self.instant(row["delete"]) <= now:
            raise SourceError(f"The sample's post {post} is deleted.")
        edited = "edit" in row and self.instant(row["edit"]["at"]) <= now
        text = row["edit"]["text"] if edited else row.get("text", "")
        reply, quote, boost = (row.get(key) for key in ("reply", "quote", "boost"))
        return {
            "id": self._numbers[post],
            "uri": self.uri(post),
            "url": f"https://{self.accounts[row['by']]['host']}/@{row['by']}/{self._numbers[post]}",
            "created_at": self.instant(row["at"]).isoformat(),
            "edited_at": self.instant(row["edit"]["at"]).isoformat() if edited else None,
            "account": self.account(row["by"]),
            "content": self._html(text, self.accounts[row["by"]]["host"]),
            "spoiler_text": row.get("cw", ""),
            "visibility": {"followers": "private"}.get(
                row.get("visibility", "public"), row.get("visibility", "public")
            ),
            "language": row.get("lang"),
            "in_reply_to_id": self._numbers[reply] if reply else None,
            "reblog": self.status(boost, now) if boost else None,
            "quote": {"state": "accepted", "quoted_status": self.status(quote, now)} if quote else None,
            "media_attachments": [
                {"id": str(place), "type": media["kind"], "description": media["alt"], "url": ""}
                for place, media in enumerate(row.get("media", []))
            ],
            "poll": {"options": [{"title": option} for option in row["poll"]]} if row.get("poll") else None,
            "mentions": [
                {"acct": f"{name}@{host}", "url": f"https://{host}/@{name}"} for name, host in self._mentions(text, row)
            ],
            "tags": [{"name": tag.lower()} for tag in _TAG.findall(_LINK.sub("", text))],
            "favourites_count": row.get("favs", 0),
            "reblogs_count": row.get("boosts", 0),
            "replies_count": row.get("replies", 0),
        }

    def account(self, name: str) -> dict[str, Any]:
        """The account as a server shows it."""
        row = self.accounts[name]
        return {
            "id": str(1000 + list(self.accounts).index(name)),
            "username": name,
            "acct": self.handle(name),
            "display_name": row["display"],
            "uri": self.uri_of(name),
            "url": f"https://{row['host']}/@{name}",
            "note": f"<p>{escape(row.get('bio', ''))}</p>",
            "bot": row.get("bot", False),
            "locked": row.get("locked", False),
            "followers_count": row.get("followers", 0),
            "fields": [],
        }

    def _mentions(self, text: str, row: Row) -> list[tuple[str, str]]:
        own = self.accounts[row["by"]]["host"]
        return [(name, host or own) for name, host in _MENTION.findall(_LINK.sub("", text)) if name in self.accounts]

    def _html(self, text: str, host: str) -> str:
        def dressed(match: re.Match[str]) -> str:
            whole = match.group()
            if whole.startswith("http"):
                return f'<a href="{whole}" rel="nofollow noopener" target="_blank">{whole}</a>'
            if whole.startswith("#"):
                return f'<a href="{BASE_URL}/tags/{whole[1:]}" class="mention hashtag">#<span>{whole[1:]}</span></a>'
            name, _, at = whole[1:].partition("@")
            url = f"https://{at or host}/@{name}"
            return f'<span class="h-card"><a href="{url}" class="u-url mention">@<span>{name}</span></a></span>'

        pattern = re.compile("|".join(p.pattern for p in (_LINK, _MENTION, _TAG)))
        paragraphs = [pattern.sub(dressed, escape(part, quote=False)) for part in text.split("\n\n")]
        return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


class SampleWeb:
    """The sample's own little web: where its links lead, without any network."""

    @cached_property
    def _pages(self) -> Mapping[str, Mapping[str, str]]:
        return dict(json.loads(_read("pages.json")))

    def redirect(self, url: str) -> str | None:
        """Where a URL sends on to, if it does."""
        return self._pages.get(url, {}).get("redirect")

    def get(self, url: str) -> Page:
        """The page: nothing but what it calls itself. Raises SourceError for a page that does not exist."""
        if url not in self._pages:
            raise SourceError(f"There is no page at {url} in the sample.")
        own = self._pages[url].get("canonical", url)
        body = f'<link rel="canonical" href="{escape(own)}">'.encode()
        return Page(url, 200, {}, body, "text/html")


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")


def _rows(name: str) -> list[Row]:
    return [json.loads(line) for line in _read(name).splitlines() if line.strip()]
