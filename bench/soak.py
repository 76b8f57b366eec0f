"""A soak: ``magpie run`` against a Mastodon server in trouble, stopped and killed and started again, for real minutes.

    python -m bench.soak --minutes 20

In the first half the bot is stopped (SIGTERM) and killed (SIGKILL) in turns; in the second it runs on by itself, so
that memory and open files can be seen to stay flat. People post all the time, the owner answers and asks, and the
server fails. In the end nothing may be lost and nothing doubled. Needs mastodon_mock.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig, SeedFollow
from mastodon_mock.testing.server import MockServer

PEOPLE = tuple(f"neighbour{number}" for number in range(20))
OWNER, BOT, HOST = "nell", "magpie", "soak.example"
WORDS = (
    "ferry battery gulls harbour bread caraway oven moss wall lichen radio valve waltz cloud hay almanac chess ladder "
    "swarm hive queen night train sleeper Vienna bridge river bench mark loom wool thread tide mill turbine"
)
FAULTS: tuple[dict[str, Any], ...] = (
    {"type": "ratelimit", "headers": {"Retry-After": "2"}, "count": 4},
    {"status": 502, "body": "<html>Bad gateway", "count": 8},
    {"type": "malformed", "count": 5},
    {"type": "latency", "delay_ms": 1500, "count": 6},
    {"status": 503, "path": "/api/v1/statuses", "methods": ["POST"], "count": 12},
)
SAID = ("👍", "👎", "🔖", "/status", "2 👎 3 🔖", "/why 1", "/more trains", "who wrote about bees?", "/digest", "🙈")


@dataclass
class Bot:
    """The process, which is started again whenever it has ended."""

    folder: Path
    process: subprocess.Popen[bytes]
    sizes: list[tuple[float, int, int]] = field(default_factory=list)  # seconds since it was started, bytes, files
    ends: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, folder: Path) -> Bot:
        """Start it on the settings in ``folder``."""
        return cls(folder, cls._spawn(folder))

    @staticmethod
    def _spawn(folder: Path) -> subprocess.Popen[bytes]:
        env = {**os.environ, "MAGPIE_OWNER_TOKEN": f"{OWNER}-token", "MAGPIE_BOT_TOKEN": f"{BOT}-token"}
        log = (folder / "magpie.log").open("ab")
        command = [sys.executable, "-m", "bot.cli", "run", "--config", str(folder / "magpie.toml")]
        return subprocess.Popen(command, stdout=log, stderr=log, env=env)  # noqa: S603

    def end(self, number: signal.Signals) -> int:
        """Stop or kill it; returns its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(120)
        self.ends[f"{number.name} → {status}"] += 1
        return status

    def restart(self, number: signal.Signals) -> None:
        """End it so, and start it again."""
        self.end(number)
        self.process, self.began, self.sizes = self._spawn(self.folder), time.monotonic(), []

    def measure(self) -> None:
        """How big it is now. Raises AssertionError when it has ended by itself."""
        assert self.process.poll() is None, f"it has ended by itself with {self.process.returncode}"
        with suppress(psutil.Error):
            process = psutil.Process(self.process.pid)
            self.sizes.append((time.monotonic() - self.began, process.memory_info().rss, process.num_fds()))


@dataclass
class Neighbourhood:
    """The server and those who live on it."""

    server: MockServer
    chance: random.Random
    posted: list[str] = field(default_factory=list)  # URIs
    asked: int = 0

    def live(self, second: int) -> None:
        """What happens in that second."""
        if second % 4 == 0:
            words = " ".join(self.chance.choices(WORDS.split(), k=self.chance.randint(12, 30)))
            self._persist(self._post, self.chance.choice(PEOPLE), f"Number {len(self.posted)}: {words}.")
        if second % 25 == 10:
            self._persist(self._say, self.chance.choice(SAID))
        if second % 40 == 20:
            self.server.fault(**self.chance.choice(FAULTS))

    def _persist(self, act: Any, *args: str) -> None:
        """The people's own requests meet the faults, too: they try again."""
        for _ in range(40):
            try:
                return act(*args)  # type: ignore[no-any-return]
            except Exception:  # whatever the fault of the moment was
                time.sleep(0.3)
        raise AssertionError("the server is gone")

    def client(self, name: str) -> Any:
        """A client of its own, which tries again at once instead of sleeping for minutes when it asks too often."""
        client = self.server.client(name)
        client.ratelimit_method = "throw"
        return client

    def _post(self, name: str, text: str) -> None:
        key = f"post {len(self.posted)}"
        self.posted.append(str(self.client(name).status_post(text, idempotency_key=key)["uri"]))

    def _say(self, text: str) -> None:
        owner = self.client(OWNER)
        said = [status for status in self.said() if "·" in str(status["content"])] if text in "👍👎🔖🙈" else []
        parent = self.chance.choice(said)["id"] if said else None
        owner.status_post(
            f"@{BOT} {text}", in_reply_to_id=parent, visibility="direct", idempotency_key=f"say {self.asked}"
        )
        self.asked += 1

    def said(self) -> list[Any]:
        """All that the bot has posted."""
        owner = self.client(OWNER)
        return list(owner.fetch_remaining(owner.account_statuses(owner.account_lookup(BOT), limit=40)))


def soak(folder: Path, minutes: float) -> list[str]:
    """Run it; returns what went wrong, one sentence each."""
    accounts = [SeedAccount(username=name, access_token=f"{name}-token") for name in (OWNER, BOT, *PEOPLE)]
    follows = [SeedFollow(follower=OWNER, following=name) for name in PEOPLE]
    database = DatabaseConfig(path=str(folder / "server.db"))
    config = MastodonMockConfig(domain=HOST, database=database, seed=SeedConfig(accounts=accounts, follows=follows))
    with MockServer(config=config, log_level="error") as server:
        (folder / "magpie.toml").write_text(_settings(server.base_url, folder, minutes), "utf-8")
        town, bot = Neighbourhood(server, random.Random(7)), Bot.start(folder)
        _live(town, bot, minutes * 60)
        wrong = _settled(town, folder)
        if bot.end(signal.SIGTERM) != 0:
            wrong.append("it did not end cleanly when it was told to")
        print(f"posts {len(town.posted)}, said by the owner {town.asked}, by the bot {len(town.said())}")
        print(f"ends {dict(bot.ends)}")
        return wrong + _doubled(town, folder) + _grown(bot)


def _live(town: Neighbourhood, bot: Bot, seconds: float) -> None:
    began, kills = time.monotonic(), _kills(seconds / 2)
    due = next(kills, None)
    for second in range(int(seconds)):
        town.live(second)
        if second % 5 == 0:
            bot.measure()
        if due is not None and second >= due:
            bot.restart((signal.SIGTERM, signal.SIGKILL)[bot.ends.total() % 2])
            due = next(kills, None)
        if second % 60 == 0:
            print(f"minute {second // 60}: {len(town.posted)} posts, {dict(bot.ends)}", flush=True)
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))


def _kills(until: float) -> Iterator[float]:
    """Every 35 to 90 seconds."""
    chance, second = random.Random(3), 40.0
    while second < until:
        yield second
        second += chance.uniform(35, 90)


def _settled(town: Neighbourhood, folder: Path) -> list[str]:
    """Wait, without faults, until all is collected and all is said; what is not after five minutes is lost."""
    town.server.client(OWNER).status_post(f"@{BOT} /status", visibility="direct")
    for _ in range(60):
        time.sleep(5)
        with closing(sqlite3.connect(folder / "data" / "magpie.db")) as memory:
            kept = {uri for (uri,) in memory.execute("SELECT uri FROM items")}
            waiting = memory.execute(
                "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled', 'given up')"
            ).fetchone()[0]
        lost = set(town.posted) - kept
        if not lost and not waiting:
            return []
    return [f"{len(lost)} of {len(town.posted)} posts are lost, {waiting} messages wait"]


def _doubled(town: Neighbourhood, folder: Path) -> list[str]:
    """What was said twice: the same words in answer to the same post."""
    said = Counter((str(status["content"]), str(status["in_reply_to_id"])) for status in town.said())
    wrong = [f"said {count} times: {words[0][:60]}" for words, count in said.items() if count > 1]
    with closing(sqlite3.connect(folder / "data" / "magpie.db")) as memory:
        recorded = memory.execute("SELECT count(*) FROM outbox WHERE state = 'sent'").fetchone()[0]
        given_up = memory.execute("SELECT count(*) FROM outbox WHERE state = 'given up'").fetchone()[0]
        digests = memory.execute("SELECT date, slot FROM digests").fetchall()
    print(f"messages sent {recorded}, digests {len(digests)}")
    if given_up:
        wrong.append(f"{given_up} messages were given up")
    return (
        wrong if len(town.said()) >= recorded else [*wrong, f"{recorded} messages recorded, {len(town.said())} there"]
    )


def _grown(bot: Bot) -> list[str]:
    """Of the last process: its size and open files in the last quarter of its life, beside those of the second."""
    quarter = len(bot.sizes) // 4
    early, late = bot.sizes[quarter : 2 * quarter], bot.sizes[-quarter:]
    if not early or not late:
        return ["the last process was too short-lived to be measured"]
    size, later = max(size for _, size, _ in early), max(size for _, size, _ in late)
    files, files_later = max(count for _, _, count in early), max(count for _, _, count in late)
    print(f"MiB {size >> 20} → {later >> 20}, open files {files} → {files_later}, over {bot.sizes[-1][0]:.0f} s")
    wrong = [f"its memory grows: {size >> 20} → {later >> 20} MiB"] if later > size * 1.1 else []
    return [*wrong, f"its open files grow: {files} → {files_later}"] if files_later > files + 8 else wrong


def _settings(url: str, folder: Path, minutes: float) -> str:
    """Digests become due all through the soak."""
    now = datetime.now(UTC)
    count = min(12, max(1, int(minutes / 3)))
    hours = sorted({f"{now + timedelta(minutes=2 + place * minutes / count):%H:%M}" for place in range(count)})
    return f"""
data = "{folder / "data"}"
owner = {{ handle = "{OWNER}@{HOST}" }}
model = {{ kind = "none" }}
schedule = {{ hours = {hours}, collect_minutes = 1, listen_seconds = 3 }}
channel = {{ kind = "mastodon", instance = "{url}", handle = "{BOT}@{HOST}" }}
[[sources]]
kind = "mastodon"
instance = "{url}"
"""


def main() -> None:
    """Soak, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--keep", type=Path, help="a folder in which all of it stays")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = chosen.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        wrong = soak(folder, chosen.minutes)
    print("\n".join(wrong) or "nothing lost, nothing doubled, nothing grown")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
