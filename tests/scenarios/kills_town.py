"""The server that Magpies are killed over, which honours Idempotency-Keys or does not, and what is to be read there."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import parent_process
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import numpy as np

from tests.scenarios.kills import CHANNEL, SAID_BESIDES, Home, killed_and_again, warm
from tools.sources.prose import plain

PEOPLE = ("agda", "brun", "cleo", "dunja")
POSTS, BOOSTS, LIKES = 45, 2, 2
SLOW = 3
"""Seconds: longer than a restart takes."""
SOFTWARE = {True: "https://github.com/mastodon/mastodon", False: "https://codeberg.org/superseriousbusiness/gotosocial"}
SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "to", "vi", "ba", "du", "fe", "gi")


def serve(honours_keys: bool, pairs: int, ready: Any) -> None:
    """A mastodon_mock server in this process, with so many owners and bots. ``ready`` is sent the port."""
    import uvicorn
    from mastodon_mock import services
    from mastodon_mock.app import create_app
    from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig, SeedFollow
    from mastodon_mock.routers import instance
    from mastodon_mock.services import parse_mentions

    names = [*PEOPLE, *(f"{kind}{number}" for number in range(pairs) for kind in ("owner", "bot"))]
    accounts = [SeedAccount(username=name, access_token=f"{name}-token") for name in names]
    follows = [SeedFollow(follower=f"owner{n}", following=person) for n in range(pairs) for person in PEOPLE]
    config = MastodonMockConfig(
        domain="mock.local",
        database=DatabaseConfig(path=":memory:"),
        seed=SeedConfig(accounts=accounts, follows=follows),
    )
    described = instance.serialize_instance_v2
    instance.serialize_instance_v2 = lambda *args: described(*args) | {"source_url": SOFTWARE[honours_keys]}
    if honours_keys:  # then it passes for Mastodon, which finds no mentions within links
        services.parse_mentions = lambda db, text, **who: parse_mentions(db, re.sub(r"https?://\S+", "", text), **who)
    server = uvicorn.Server(
        uvicorn.Config(_Front(create_app(config), honours_keys), host="127.0.0.1", port=0, log_level="error")
    )

    async def tell(*args: Any, startup: Any = server.startup, **more: Any) -> None:
        await startup(*args, **more)
        ready.send(server.servers[0].sockets[0].getsockname()[1])

    server.startup = tell  # type: ignore[method-assign]
    Thread(target=_end_with_parent, daemon=True).start()
    server.run()


def _end_with_parent() -> None:
    """Whoever started this may be killed, too."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


@dataclass
class _Front:
    """What stands before the app: it may know nothing of Idempotency-Keys, and it may be slow."""

    app: Any
    honours_keys: bool
    slow: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http" and not self.honours_keys:
            headers = [(name, value) for name, value in scope["headers"] if name != b"idempotency-key"]
            scope = {**scope, "headers": headers}
        asked = (scope.get("method"), scope.get("path"))
        if asked == ("DELETE", "/speed"):
            self.slow += 1
        if asked == ("POST", "/api/v1/statuses") and self.slow:
            self.slow -= 1
            receive = await self._slowly(receive)
        await self.app(scope, receive, send)

    async def _slowly(self, receive: Any) -> Any:
        """All has arrived; now it takes a while, and whoever hangs up meanwhile changes nothing."""
        parts = [await receive()]
        while parts[-1].get("more_body"):
            parts.append(await receive())
        await asyncio.sleep(SLOW)

        async def again() -> Any:
            return parts.pop(0) if parts else await asyncio.Event().wait()

        return again


@dataclass
class Place:
    """The running server as its people know it."""

    url: str
    folder: Path
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        """The Mastodon client of somebody."""
        from mastodon import Mastodon

        if name not in self._clients:
            self._clients[name] = Mastodon(access_token=f"{name}-token", api_base_url=self.url)
        return self._clients[name]

    def settle(self) -> None:
        """What there is to read."""
        ids = []
        for number in range(POSTS):
            text = _prose(number)
            ids.append(self.client(PEOPLE[number % len(PEOPLE)]).status_post(text)["id"])
        for number in range(BOOSTS):
            self.client(PEOPLE[number + 1]).status_reblog(ids[number * 4])

    def home(self, number: int) -> Home:
        """A new owner, who has liked two posts, with a bot and an empty folder. It is about noon where the owner is."""
        owner, bot = f"owner{number}", f"bot{number}"
        posts = self.client(owner).timeline_home(limit=10)
        for post in posts[:LIKES]:
            self.client(owner).status_favourite(post["id"])
        ahead = 12 - datetime.now(UTC).hour
        zone = f"Etc/GMT{-ahead:+d}" if ahead else "UTC"  # those names count westwards
        return Home(self.folder / owner, self.url, owner, bot, zone)

    def survives(self, number: int, point: str, turn: int = 0) -> tuple[int, list[str]]:
        """A new Magpie is killed at the point and started again. Returns how often it was killed, and what is wrong."""
        home, slow = self.home(number), point == "while the server is at it"
        if slow:
            self.is_slow()
            home = replace(home, settling=SLOW + 1.0)
        kills = killed_and_again(home, point, turn)
        if slow:
            time.sleep(SLOW)  # by then it would have been said twice
        return kills, findings(self, home)

    def is_slow(self) -> None:
        """The next post takes longer than a restart."""
        import requests

        requests.delete(f"{self.url}/speed", timeout=10)

    def said(self, home: Home) -> list[Any]:
        """What the bot has posted, oldest first, as its owner sees it."""
        owner = self.client(home.owner)
        found = owner.account_statuses(owner.account_lookup(home.bot), limit=40)
        return sorted(found, key=lambda status: int(status["id"]))


def _prose(number: int) -> str:
    """Words that are like nobody else's."""
    dice = Random(number)
    words = ("".join(dice.choices(SYLLABLES, k=3)) for _ in range(14))
    return f"{' '.join(words).capitalize()}."


@contextmanager
def place(folder: Path, honours_keys: bool, pairs: int) -> Iterator[Place]:
    """A server in a process of its own, with posts on it."""
    ready, sender = warm().Pipe(duplex=False)
    process = warm().Process(target=serve, args=(honours_keys, pairs, sender), daemon=True)
    process.start()
    try:
        if not ready.poll(60):
            raise TimeoutError("The server does not start.")
        found = Place(f"http://127.0.0.1:{ready.recv()}", folder)
        found.settle()
        yield found
    finally:
        process.kill()
        process.join()


def findings(place: Place, home: Home) -> list[str]:
    """What is wrong afterwards: anything lost, doubled, out of order or left over."""
    from memory.keeping.probe import answers

    magpie = home.magpie()
    index, model = magpie.index, magpie.embedder.name
    with magpie.store.begin() as memory:
        items = memory.items.by_id(range(9999))
        vectors = memory.vectors.get(model, list(items))
        digest = memory.digests.latest(CHANNEL)
        kept = list(memory.conn.exec_driver_sql("SELECT platform_id FROM messages WHERE NOT incoming").scalars())
        found: dict[str, Any] = {
            "items": len({item.uri for item in items.values()}),
            "vectors": len(vectors),
            "shares": len(memory.shares.of([item.uri for item in items.values()])),
            "reactions": len(memory.reactions.all()),
            "digests": len(memory.digests.since(digest.made_at - timedelta(days=9))) if digest else 0,
            "entries": len(digest.entries) if digest else 0,
            "waiting": [queued.out.key for queued in memory.outbox.waiting(CHANNEL)],
            "not indexed": memory.vectors.unindexed(model, 99),
        }
    found["index"] = index.count()
    found["index answers"] = answers(index, list(vectors), np.stack(list(vectors.values()))) if vectors else False
    wanted = {"items": POSTS, "vectors": POSTS, "shares": POSTS + BOOSTS, "reactions": LIKES, "digests": 1}
    wanted |= {"entries": 6, "waiting": [], "not indexed": [], "index": POSTS, "index answers": True}
    said = place.said(home)
    ids = [str(status["id"]) for status in said]
    found |= {"recorded": kept, "texts": _texts(said), "parents": [status["in_reply_to_id"] for status in said]}
    wanted |= {"recorded": ids, "texts": _expected(found["texts"]), "parents": _parents(said)}
    return [f"{what}: {found[what]} instead of {wanted[what]}" for what in wanted if found[what] != wanted[what]]


def _texts(said: list[Any]) -> list[str]:
    """Each post as it is told apart: the head, the numbers of entries, the words of all else."""
    words = [plain(status["content"]).text.split(" ", 1)[1] for status in said]
    return ["head" if "stories" in text else text.split(" · ")[0] for text in words]


def _expected(texts: list[str]) -> list[str]:
    long, twice = SAID_BESIDES[0][1], [words for _, words in SAID_BESIDES[1:]]
    parts = texts[7:-2] if " ".join(texts[7:-2]) == long else [long]
    return ["head", *map(str, range(1, 7)), *parts, *twice]


def _parents(said: list[Any]) -> list[Any]:
    """Entries answer the head, the parts of a message each other."""
    ids = [status["id"] for status in said]
    return [None, *ids[:1] * 6, None, *ids[7:-3], None, None]
