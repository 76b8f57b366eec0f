"""From a handle to the server on which it lives, which may have another name than the handle says."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from config.errors import ChannelError, ConfigError

PATIENCE: Final = 20.0
"""Seconds for one request."""

_AT_HOME: Final = ("127.0.0.1", "::1", "localhost")
_HANDLE: Final = re.compile(r"@?([\w.\-]+)@([\w.\-]+(?::\d+)?)")


@dataclass(frozen=True, slots=True)
class Handle:
    """name@host, the host in lower case."""

    name: str
    host: str

    def __str__(self) -> str:
        return f"@{self.name}@{self.host}"

    @property
    def bare(self) -> str:
        """As magpie.toml has it."""
        return f"{self.name}@{self.host}"


def parse_handle(text: str) -> Handle:
    """Raises ConfigError."""
    found = _HANDLE.fullmatch(text.strip())
    if not found:
        raise ConfigError(f"{text!r} is no handle: write it like @me@example.social.")
    return Handle(found[1], found[2].lower())


def base_url(instance: str) -> str:
    """The address of a host or URL, without a path. Raises ConfigError."""
    refusal = ConfigError(f"{instance!r} is no server for a login: give a host such as example.social.")
    try:
        url = urlsplit(instance.strip() if "://" in instance else f"https://{instance.strip()}")
    except ValueError:
        raise refusal from None
    secure = url.scheme == "https" or (url.scheme == "http" and url.hostname in _AT_HOME)
    if not url.hostname or url.username or not secure:
        raise refusal
    return f"{url.scheme}://{url.netloc.lower()}"


def resolve(handle: Handle, instance: str = "") -> str:
    """The base URL of the server that knows this handle, found by WebFinger (RFC 7033) unless it is given.

    Raises ConfigError when the server knows no such account, ChannelError when it is away.
    """
    start = base_url(instance or handle.host)
    status, answer = ask(start, "/.well-known/webfinger", {"resource": f"acct:{handle.bare}"})
    if status in (404, 410):
        raise ConfigError(
            f"{urlsplit(start).netloc} knows no account {handle}: check the handle, or name its server with --instance."
        )
    return start if instance else _home(answer) or start


def ask(server: str, path: str, params: dict[str, str]) -> tuple[int, Any]:
    """Status and JSON of a public address; None for what is no JSON. Raises ChannelError when the server is away."""
    import requests

    host = urlsplit(server).netloc
    try:
        answer = requests.get(f"{server}{path}", params=params, headers={"User-Agent": "magpie"}, timeout=PATIENCE)
    except requests.RequestException:
        raise ChannelError(f"{host} cannot be reached: check its name and your network, then try again.") from None
    if answer.status_code >= 500:
        raise ChannelError(f"{host} is in trouble (status {answer.status_code}): try again later.")
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, None


def _home(found: Any) -> str:
    links = found.get("links") if isinstance(found, dict) else None
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "self" and "://" in str(link.get("href")):
            with suppress(ConfigError):
                return base_url(str(link["href"]))
    return ""
