"""A town of invented people on a running mastodon_mock server, and the Magpie of one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig, SeedFollow
from mastodon_mock.testing.server import MockServer
from pydantic import SecretStr

from bot.build import Magpie
from config.settings import Secrets, parse
from memory.embedding import Embedder
from tools.sources.prose import plain

OWNER, BOT = "nell", "magpie"
HOST = "mock.local"
_DATED = {"statuses": ("created_at", "edited_at"), "favourites": ("created_at",), "notifications": ("created_at",)}


@dataclass(frozen=True)
class Person:
    """Somebody with an account. The owner follows everybody but strangers."""

    name: str
    note: str = ""
    bot: bool = False
    stranger: bool = False


@dataclass
class Town:
    """The running server and its people. It has a time of its own, which a test can set."""

    server: MockServer
    database: Path
    ids: dict[str, str] = field(default_factory=dict)  # what a post is called in a test → its id
    names: dict[str, str] = field(default_factory=dict)  # its URI → what it is called

    def now(self) -> datetime:
        """The town's own time."""
        return datetime.now(UTC) + self._away

    def it_is(self, moment: datetime) -> None:
        """From now on the town's time runs from that instant. The server is told by triggers in its database."""
        self._away = moment - datetime.now(UTC)
        seconds = f"{self._away.total_seconds():+.3f} seconds"
        with closing(sqlite3.connect(self.database, timeout=10)) as conn, conn:
            for table, columns in _DATED.items():
                for column in columns:
                    conn.executescript(_trigger(table, column, seconds))

    def client(self, name: str) -> Any:
        """The Mastodon client of a person."""
        return self._clients(name)

    def post(self, name: str, author: str, text: str, reply_to: str = "", **how: Any) -> None:
        """Somebody posts; from now on that post is called ``name``."""
        posted = self.client(author).status_post(text, in_reply_to_id=self.ids.get(reply_to), **how)
        self.ids[name] = str(posted["id"])
        self.names[str(posted["uri"])] = name

    def posts(self, texts: Mapping[str, tuple[str, str]]) -> None:
        """Name → author and words, in that order."""
        for name, (author, text) in texts.items():
            self.post(name, author, text)

    def boost(self, name: str, by: str) -> None:
        """Somebody puts a post before those who follow them."""
        self.client(by).status_reblog(self.ids[name])

    def say(self, text: str, reply_to: str | None = None) -> str:
        """The owner writes to the bot alone; returns the id of that post."""
        how = {"visibility": "direct", "in_reply_to_id": reply_to}
        return str(self.client(OWNER).status_post(f"@{BOT} {text}", **how)["id"])

    def said(self, by: str = BOT) -> list[Any]:
        """All that an account has posted, oldest first, as the owner sees it."""
        owner = self.client(OWNER)
        page = owner.account_statuses(owner.account_lookup(by), limit=40)
        return sorted(owner.fetch_remaining(page), key=lambda status: int(status["id"]))

    def answers(self, to: str) -> list[str]:
        """The words with which the bot has answered a post of this id."""
        return [words(status) for status in self.said() if str(status["in_reply_to_id"]) == to]

    def told(self, by: str, kind: str) -> list[Any]:
        """Notifications of one kind that somebody has got."""
        return list(self.client(by).notifications(types=[kind], limit=40))

    def magpie(self, folder: Path, embedder: Embedder, **tables: Any) -> Magpie:
        """A Magpie on that folder, from its settings on, as a process finds it that has just been started."""
        instance = {"kind": "mastodon", "instance": self.server.base_url}
        given: dict[str, Any] = {"owner": {"handle": f"{OWNER}@{HOST}"}, "data": str(folder), "model": {"kind": "none"}}
        given |= {"sources": [instance], "channel": {**instance, "handle": f"{BOT}@{HOST}"}} | tables
        secrets = Secrets(owner_token=SecretStr(_token(OWNER)), bot_token=SecretStr(_token(BOT)))
        settings = parse(given).model_copy(update={"secrets": secrets})
        plain_one, unhurried = Magpie(settings), {"sleep": lambda seconds: None, "now": self.now}
        return Magpie(
            settings,
            now=self.now,
            given_sources=[replace(source, **unhurried) for source in plain_one.sources],  # type: ignore[type-var]
            given_channel=replace(plain_one.channel, **unhurried),  # type: ignore[type-var]
            given_embedder=embedder,
            given_web=None,
        )

    def __post_init__(self) -> None:
        """Clients are made once."""
        self._away = timedelta()
        self._clients: Callable[[str], Any] = cache(self.server.client)


@contextmanager
def town(folder: Path, people: tuple[Person, ...]) -> Iterator[Town]:
    """A running server with these people, the owner and the bot."""
    accounts = [SeedAccount(username=name, access_token=_token(name), bot=name == BOT) for name in (OWNER, BOT)]
    accounts += [SeedAccount(username=p.name, note=p.note, bot=p.bot, access_token=_token(p.name)) for p in people]
    follows = [SeedFollow(follower=OWNER, following=person.name) for person in people if not person.stranger]
    database = folder / "server.sqlite"
    config = MastodonMockConfig(
        domain=HOST, database=DatabaseConfig(path=str(database)), seed=SeedConfig(accounts=accounts, follows=follows)
    )
    with MockServer(config=config) as server:
        yield Town(server, database)


def words(status: Any) -> str:
    """The plain words of a post."""
    return plain(str(status["content"])).text


def _token(name: str) -> str:
    return f"{name}-token"


def _trigger(table: str, column: str, seconds: str) -> str:
    """Whatever the server dates from now on, it dates in the town's time."""
    moved = f"strftime('%Y-%m-%d %H:%M:%f', new.{column}, '{seconds}') || '000'"
    occasion = f"UPDATE OF {column}" if column == "edited_at" else "INSERT"
    return f"""
        DROP TRIGGER IF EXISTS {table}_{column};
        CREATE TRIGGER {table}_{column} AFTER {occasion} ON {table} WHEN new.{column} IS NOT NULL
        BEGIN UPDATE {table} SET {column} = {moved} WHERE id = new.id; END;
    """  # noqa: S608 - all of it is ours
