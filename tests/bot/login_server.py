"""A running mastodon_mock where people log in, and what it knows of applications and tokens."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig
from mastodon_mock.testing.server import MockServer

OWNER, BOT = "nell@mock.local", "magpie@mock.local"
BIO = "I collect shiny things."


@dataclass
class Server:
    """The mock, its database, and the addresses that were opened in a browser."""

    mock: MockServer
    database: Path
    seen: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return str(self.mock.base_url)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as conn:
            return conn.execute(query).fetchall()

    def tokens(self) -> list[str]:
        """The tokens that came from a login."""
        return [str(row[0]) for row in self.rows("SELECT access_token FROM oauth_tokens WHERE app_id IS NOT NULL")]

    def account(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}/api/v1/accounts/lookup", {"acct": name}, timeout=5).json()
        return found

    def person(self, name: str) -> Callable[[str], bool]:
        """A browser in which somebody allows everything."""

        def browse(address: str) -> bool:
            self.seen.append(address)
            asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
            form = {"username": name, **{key: asked[key] for key in ("redirect_uri", "client_id", "scope", "state")}}
            done = requests.post(f"{self.url}/oauth/authorize", data=form, timeout=5)
            assert "close this page" in done.text
            return True

        return browse


@contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """With the owner, the account that is to be the bot, and somebody else."""
    database = folder / "server.sqlite"
    accounts = [SeedAccount(username="nell", access_token="seed-nell")]
    accounts += [SeedAccount(username="magpie", note=BIO, access_token="seed-magpie"), SeedAccount(username="otto")]
    config = MastodonMockConfig(
        domain="mock.local", database=DatabaseConfig(path=str(database)), seed=SeedConfig(accounts=accounts)
    )
    with MockServer(config=config) as mock:
        yield Server(mock, database)


def nobody_there() -> str:
    """The address of a server that is down."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
