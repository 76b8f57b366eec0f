"""The demo on a Mastodon server: a local mastodon_mock to which the sample network posts, read and written for real."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from rich.console import Console

from bot.build import Magpie
from bot.channels.mastodon import MastodonChannel
from bot.channels.terminal import TerminalChannel
from bot.demo.stage import embedder, settings
from bot.speaking import BREAK
from config.errors import ConfigError
from memory.records import Outgoing, Span
from tools.sources.mastodon import MastodonSource
from tools.sources.prose import plain
from tools.sources.sample_network import Event, Network, Row, SampleWeb

if TYPE_CHECKING:
    from mastodon import Mastodon
    from mastodon_mock.testing.server import MockServer

HOME = "tidepool.example"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@contextmanager
def mastodon_stage(folder: Path, console: Console, model: str) -> Iterator[MastodonStage]:
    """A server of its own for the play, on 127.0.0.1. Raises ConfigError when mastodon_mock is not installed."""
    try:
        from mastodon_mock.testing.server import MockServer
    except ImportError:
        raise ConfigError("The demo on Mastodon needs mastodon_mock: pip install 'mastodon_mock==0.6.1'.") from None
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    # the sample is moved in time so that its last evening is now: what the owner does on the server bears the real time
    evening = datetime.now(UTC) - timedelta(days=3, hours=18)
    network = Network(evening.replace(second=0, microsecond=0))
    with MockServer(config=_config(network, data / "server.db"), log_level="error") as server:
        yield MastodonStage(folder, console, network, server, data / "server.db", model)


def _config(network: Network, path: Path) -> Any:
    from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig, SeedFollow

    accounts = [
        SeedAccount(
            username=name,
            domain=None if row["host"] == HOME else row["host"],
            display_name=row["display"],
            note=row.get("bio", ""),
            bot=row.get("bot", False),
            access_token=_token(name),
        )
        for name, row in network.accounts.items()
    ]
    followed = [name for name, row in network.accounts.items() if row.get("follows")]
    follows = [SeedFollow(follower=network.owner, following=name) for name in followed]
    seed = SeedConfig(accounts=accounts, follows=follows)
    return MastodonMockConfig(domain=HOME, database=DatabaseConfig(path=str(path)), seed=seed)


def _token(name: str) -> str:
    return f"demo-token-of-{name}"


@dataclass
class MastodonStage:
    """The sample's people post to the server; Magpie reads and speaks through it; the owner's client answers."""

    folder: Path
    console: Console
    network: Network
    server: MockServer
    database: Path
    model: str = "none"
    _told: int = field(default=0, init=False)
    _now: datetime | None = field(default=None, init=False)
    _ids: dict[str, str] = field(default_factory=dict, init=False)
    _read: set[str] = field(default_factory=set, init=False)

    @cached_property
    def magpie(self) -> Magpie:
        """Magpie with two tokens: the owner's, which reads, and the bot's, which speaks."""
        handle = f"{self.network.owner}@{HOME}"
        url = self.server.base_url
        source = MastodonSource(
            name="mastodon",
            base_url=url,
            token=SecretStr(_token(self.network.owner)),
            ignore=frozenset({f"magpie@{HOME}"}),
            now=self.now,
            backfill=1000,
        )
        return Magpie(
            settings(self.folder, self.model, handle),
            now=self.now,
            given_sources=[source],
            given_channel=MastodonChannel(url, handle, SecretStr(_token("magpie"))),
            given_embedder=embedder(self.folder),
            given_web=SampleWeb(),
        )

    def now(self) -> datetime:
        """The play's instant, or the machine's once the play has come to the present."""
        return self._now or datetime.now(UTC)

    def day(self, number: int) -> datetime:
        """The people post what they post until that evening; the last evening is the present."""
        until = self.network.instant(f"{number} 18:00")
        self._play(until)
        self._now = until if datetime.now(UTC) - until > timedelta(hours=12) else None
        return until

    def deliver(self) -> None:
        """Sent as direct messages, and shown as the owner's client finds them on the server."""
        self.magpie.speak()
        terminal = TerminalChannel(console=self.console)
        for status in self._unread():
            first, *lines = plain(status["content"]).text.split("\n")
            words = [Span("strong", first.split(" ", 1)[-1])]
            words += [span for line in lines for span in (BREAK, *_shown(line))]
            terminal.send(Outgoing(str(status["id"]), tuple(words), status["spoiler_text"]))

    def say(self, words: str) -> None:
        """The owner writes a direct message to the bot, and Magpie hears it."""
        self._as(self.network.owner).status_post(f"@magpie {words}", visibility="direct")
        self.magpie.hear()
        self.deliver()

    def _unread(self) -> list[dict[str, Any]]:
        found = [n["status"] for n in self._as(self.network.owner).notifications(types=["mention"], limit=40)]
        new = [s for s in found if s["account"]["username"] == "magpie" and str(s["id"]) not in self._read]
        self._read |= {str(status["id"]) for status in new}
        return sorted(new, key=lambda status: int(status["id"]))

    def _as(self, name: str) -> Mastodon:
        from mastodon import Mastodon

        return Mastodon(access_token=_token(name), api_base_url=self.server.base_url)

    def _play(self, until: datetime) -> None:
        events = [event for event in self.network.events if event.at <= until]
        for event in events[self._told :]:
            with suppress(KeyError):  # what it refers to is deleted by then
                self._happen(event)
        self._told = len(events)
        self._backdate()

    def _happen(self, event: Event) -> None:
        row = event.row
        if event.kind == "act":
            self._act(row)
        elif event.kind == "boost":
            self._ids[row["id"]] = str(self._as(row["by"]).status_reblog(self._ids[row["boost"]])["id"])
        elif event.kind == "edit":
            self._as(row["by"]).status_update(self._ids[row["id"]], status=row["edit"]["text"])
        elif event.kind == "delete":
            self._as(row["by"]).status_delete(self._ids.pop(row["id"]))
        else:
            self._ids[row["id"]] = self._post(row)

    def _post(self, row: Row) -> str:
        client = self._as(row["by"])
        media = [client.media_post(PIXEL, "image/png", description=m["alt"]) for m in row.get("media", [])]
        poll = client.make_poll(row["poll"], expires_in=86400) if row.get("poll") else None
        status = client.status_post(
            row.get("text", ""),
            in_reply_to_id=self._ids[row["reply"]] if "reply" in row else None,
            quoted_status_id=self._ids[row["quote"]] if "quote" in row else None,
            media_ids=media or None,
            poll=poll,
            spoiler_text=row.get("cw"),
            visibility={"followers": "private"}.get(row.get("visibility", "public"), row.get("visibility", "public")),
            language=row.get("lang"),
        )
        return str(status["id"])

    def _act(self, row: Row) -> None:
        client, act = self._as(self.network.owner), row["act"]
        if act == "mute_word":
            client.create_filter_v2(row["word"], ["home"], "hide", keywords_attributes=[{"keyword": row["word"]}])
        elif act in ("mute", "block"):
            account = client.account_lookup(self._acct(row["account"]))
            (client.account_mute if act == "mute" else client.account_block)(account["id"])
        elif act == "follow_tag":
            client.tag_follow(row["tag"])
        elif act == "marker":
            client.markers_set(["home"], [self._ids[row["post"]]])
        else:
            did = {"like": client.status_favourite, "bookmark": client.status_bookmark, "boost": client.status_reblog}
            did[act](self._ids[row["post"]])

    def _acct(self, name: str) -> str:
        return name if self.network.accounts[name]["host"] == HOME else self.network.handle(name)

    def _backdate(self) -> None:
        """Give every post the time that the sample says; a server of one's own can be told so in its database."""
        times = [
            (self._written(self.network.instant(self.network.posts[p]["at"])), int(i)) for p, i in self._ids.items()
        ]
        with closing(sqlite3.connect(self.database, timeout=10)) as conn, conn:
            conn.executemany("UPDATE statuses SET created_at = ? WHERE id = ?", times)

    @staticmethod
    def _written(at: datetime) -> str:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000"


def _shown(line: str) -> list[Span]:
    """A line as a client shows it: what is a link can be followed."""
    before, scheme, rest = line.partition("https://")
    return [Span("text", before)] + ([Span("link", "", scheme + rest)] if scheme else [])
