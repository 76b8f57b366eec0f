"""A Mastodon server and one account on it, looked at with plain requests that change nothing and are asked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.channels.rendering import clean, shorten
from config.errors import ChannelError

PATIENCE: Final = 5.0
"""Seconds for one request."""

CLOCKS_APART: Final = timedelta(seconds=60)
READING: Final = {
    "read:statuses": "/api/v1/timelines/home",
    "read:favourites": "/api/v1/favourites",
    "read:bookmarks": "/api/v1/bookmarks",
    "read:lists": "/api/v1/lists",
    "read:filters": "/api/v2/filters",
    "read:mutes": "/api/v1/mutes",
    "read:blocks": "/api/v1/blocks",
    "read:notifications": "/api/v1/notifications",
    "read:search": "/api/v2/search?q=magpie",
}
"""Where it shows that a token lacks a scope: the server answers 403."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON (an empty mapping for anything but an object), and the server's time, if it says it."""

    status: int
    said: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """What a server says of itself."""

    domain: str
    software: str
    characters: int
    media: int
    streams: bool
    apart: timedelta | None  # its clock is so much ahead of this machine's


@dataclass
class Look:
    """One server, as the holder of ``token`` sees it."""

    base_url: str
    token: SecretStr = field(repr=False)
    now: Callable[[], datetime]

    @property
    def host(self) -> str:
        """Name and port, as addresses have them."""
        return urlsplit(self.base_url).netloc.lower()

    def get(self, path: str, **params: str) -> Answer:
        """Ask once. Raises ChannelError when the server is away or in trouble."""
        import requests

        head = {"User-Agent": "magpie", "Authorization": f"Bearer {self.token.get_secret_value()}"}
        try:
            answer = requests.get(f"{self.base_url}{path}", params, headers=head, timeout=PATIENCE)
        except requests.RequestException as error:
            why = "gave no answer in time" if isinstance(error, requests.Timeout) else "cannot be reached"
            raise ChannelError(
                f"{self.host} {why}: check the instance in magpie.toml and your network, or wait till it is back."
            ) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ChannelError(f"{self.host} is in trouble (status {answer.status_code}): try again later.")
        try:
            said = answer.json()
        except ValueError:
            said = {}
        return Answer(answer.status_code, said if isinstance(said, dict) else {}, _date(answer.headers.get("Date")))

    def instance(self) -> Instance:
        """What it is. Raises ChannelError when it is away, or no Mastodon."""
        for version in ("v2", "v1"):
            answer = self.get(f"/api/{version}/instance")
            if answer.status == 200 and answer.said.get("version"):
                return _instance(answer, self.host, self.now())
        raise ChannelError(f"{self.host} does not speak Mastodon's language: check the instance in magpie.toml.")

    def scopes(self) -> tuple[str, ...] | None:
        """What the token's application was made for, where the server says so (Mastodon since 4.3)."""
        answer = self.get("/api/v1/apps/verify_credentials")
        said = answer.said.get("scopes")
        return tuple(map(str, said)) if answer.status == 200 and isinstance(said, list) else None

    def refused(self, scopes: Sequence[str]) -> list[str]:
        """The scopes that the token lacks, as it shows where they are needed."""
        wanted = ((scope, READING[scope]) for scope in scopes if scope in READING)
        return [scope for scope, path in wanted if self.get(path, limit="1").status == 403]


def _instance(answer: Answer, host: str, now: datetime) -> Instance:
    said = answer.said
    chosen = _table(said, "configuration")
    statuses, urls = _table(chosen, "statuses"), {**_table(said, "urls"), **_table(chosen, "urls")}
    domain = str(said.get("domain") or said.get("uri") or host)
    return Instance(
        domain=(urlsplit(domain).netloc if "://" in domain else domain).lower(),
        software=_software(said),
        characters=_number(statuses.get("max_characters") or said.get("max_toot_chars"), 500),
        media=_number(statuses.get("max_media_attachments"), 4),
        streams=bool(urls.get("streaming") or urls.get("streaming_api")),
        apart=answer.at - now if answer.at else None,
    )


def _software(said: Mapping[str, Any]) -> str:
    """Others name Mastodon's version first, then their own: 2.7.2 (compatible; Pleroma 2.6)."""
    version = clean(str(said.get("version")))
    name = str(said.get("source_url") or "mastodon").rstrip("/").rpartition("/")[2]
    known = "compatible;" in version or name.lower() in version.lower()
    return shorten(version if known else f"{clean(name).capitalize()} {version}", 60)


def _table(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = said.get(key)
    return found if isinstance(found, Mapping) else {}


def _number(said: object, otherwise: int) -> int:
    return said if isinstance(said, int) and said > 0 else otherwise


def _date(header: str | None) -> datetime | None:
    with suppress(TypeError, ValueError):
        at = parsedate_to_datetime(str(header))
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None
