"""A Magpie that is killed (SIGKILL) at a named point of its walk from collecting to recording a delivery.

The points are set from the outside, by wrapping functions: nothing in Magpie knows of them. Every process here is
forked from a warm one, in which all that is heavy is imported and nothing is open.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.build import Magpie
from bot.jobs import collect
from config.settings import Secrets, parse
from memory.index import ChromaIndex
from memory.keeping import embedding, health
from memory.keeping.backup import INDEX
from memory.keeping.probe import answers
from memory.lock import held
from memory.records import Outgoing, Span
from tests.fakes import HashedWords

HEAVY = (
    *("alembic.command", "chromadb", "chromadb.api.rust", "langgraph.checkpoint.sqlite", "langgraph.graph", "mastodon"),
    *("sqlalchemy.dialects.sqlite", "bot.channels.mastodon", "tools.sources.mastodon", "mastodon_mock.app"),
)
for _name in HEAVY:  # in the process that all others are forked from
    import_module(_name)

CHANNEL = "mastodon"
LONG = " ".join(f"Sentence {n} of an answer that is too long to go into one post, or into two." for n in range(14))
SAID_BESIDES = (("long", LONG), ("short", "Noted."), ("short again", "Noted."))
"""Key and words of what waits beside the digest: one message of several parts, and two of the same words."""


@dataclass(frozen=True)
class Point:
    """The nth call of a function: killed before it, after it, or so many milliseconds within it."""

    function: str  # module:name, or module:Class.name
    moment: str
    turns: int = 1  # over how many calls repeated kills are spread
    when: Callable[..., bool] = lambda *args, **more: True  # which calls count


def _while_posting(*args: Any, **more: Any) -> bool:
    """Whether this thread is about to post a status."""
    frame = sys._getframe(1)
    while frame and frame.f_code.co_name != "_post":
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None


def _of_home(server: Any, what: str, request: Any) -> bool:
    return "home" in what


POINTS = {
    "before a page is fetched": Point("tools.sources.mastodon_client:Server._once", "before", 2, _of_home),
    "after a page was fetched": Point("tools.sources.mastodon_client:Server._once", "after", 2, _of_home),
    "within a batch's transaction": Point("bot.jobs.collect:_Taker.take", "after", 9),
    "at the end of a batch's transaction": Point("memory.store.sources:Sources.move", "after", 9),
    "after a batch was kept": Point("bot.jobs.collect:Collector._keep", "after", 4),
    "before embedding": Point("tests.fakes:HashedWords.embed", "before", 2),
    "after embedding": Point("tests.fakes:HashedWords.embed", "after", 2),
    "before vectors are committed": Point("memory.store.vectors:Vectors.put", "after", 2),
    "before the index is told": Point("memory.index:ChromaIndex.add", "before"),
    "while Chroma adds": Point("memory.index:ChromaIndex.add", "within", 30),
    "after Chroma has added, before that is noted": Point("memory.index:ChromaIndex.add", "after"),
    "between two nodes of the graph": Point("bot.jobs.walk:keep_step", "after", 6),
    "within a node, before its checkpoint": Point("agents.digest:rank", "after"),
    "before the digest is queued": Point("bot.jobs.digest:Editor._queue", "before"),
    "while the digest is queued": Point("memory.store.outbox:Outbox.queue", "after", 7),
    "after the digest was queued": Point("bot.jobs.digest:Editor._queue", "after"),
    "after 'sending' was noted": Point("bot.channels.mastodon:MastodonChannel.send", "before", 9),
    "while the server is at it": Point("urllib3.connection:HTTPConnection.getresponse", "before", 1, _while_posting),
    "after the answer came, before it is read": Point(
        "urllib3.connection:HTTPConnection.getresponse", "after", 11, _while_posting
    ),
    "between two parts of a message": Point("bot.channels.mastodon_post:Post.deliver", "after", 11),
    "after a message was said": Point("bot.channels.mastodon:MastodonChannel.send", "after", 9),
    "while it is recorded": Point("memory.store.messages:Messages.add", "after", 11),
    "after it was recorded, with more to say": Point("bot.outbox:Postman._record", "after", 9),
}


def arm(point: Point, nth: int) -> None:
    """From now on this process does not survive the nth call (or millisecond) of that point."""
    module, _, path = point.function.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    function, left = getattr(owner, name), [1 if point.moment == "within" else nth]

    @wraps(function)
    def deadly(*args: Any, **more: Any) -> Any:
        if not point.when(*args, **more):
            return function(*args, **more)
        left[0] -= 1
        if left[0] == 0 and point.moment == "before":
            _die()
        if left[0] == 0 and point.moment == "within":
            _die_in(nth / 1000)
        result = function(*args, **more)
        if left[0] == 0:
            _die()
        return result

    setattr(owner, name, deadly)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def _die_in(seconds: float) -> None:
    """Another process does it: within Chroma no thread of this one may get its turn."""
    victim = os.getpid()
    if os.fork() == 0:
        time.sleep(seconds)
        os.kill(victim, signal.SIGKILL)
        os._exit(0)


@dataclass(frozen=True)
class Home:
    """Where one Magpie lives: its folder, its server, and the names of its owner and of its bot there."""

    folder: Path
    url: str
    owner: str
    bot: str
    zone: str
    settling: float = 0.1

    def magpie(self, clean: bool = True) -> Magpie:
        """As a process finds it that has just been started."""
        instance = {"kind": "mastodon", "instance": self.url}
        given: dict[str, Any] = {
            "owner": {"handle": f"{self.owner}@mock.local", "time_zone": self.zone},
            "data": str(self.folder),
            "model": {"kind": "none"},
            "digest": {"entries": 6, "explore": 0, "floor": -100},
            "sources": [instance],
            "channel": {**instance, "handle": f"{self.bot}@mock.local"},
        }
        tokens = {"owner_token": SecretStr(f"{self.owner}-token"), "bot_token": SecretStr(f"{self.bot}-token")}
        settings = parse(given).model_copy(update={"secrets": Secrets(**tokens)})
        plain = Magpie(settings, given_embedder=HashedWords(), given_web=None, after_crash=not clean)
        hurried: Any = replace(plain.channel, settling=self.settling)  # type: ignore[type-var]
        return replace(plain, given_channel=hurried)


def walk(home: Home, point: str = "", nth: int = 1) -> None:
    """Collect, make the digest, say everything. With a point: as far as that."""
    logging.disable(logging.CRITICAL)
    collect.BATCH, embedding.AT_ONCE = 10, 25  # several transactions
    health.healthy = _looked_at
    if point:
        arm(POINTS[point], nth)
    with held(home.folder) as clean:
        if not clean:
            health.suspect(home.folder / INDEX)
        magpie = home.magpie(clean)
        failures = magpie.collector.collect(magpie.sources).failures
        magpie.editor.digest(CHANNEL)
        with magpie.store.begin() as memory:
            for key, words in SAID_BESIDES:
                memory.outbox.queue(CHANNEL, Outgoing(key, (Span("text", words),)), datetime.now(UTC))
        magpie.speak()
    assert not failures, failures
    os._exit(0)  # some of what was imported waits for its threads


def _looked_at(folder: Path, owner: str, model: str, sample: Any, seconds: float = 0) -> bool:
    """The look at an index in a process of its own, without the second that starting a fresh one takes."""
    if (pid := os.fork()) == 0:
        sound = False
        try:
            sound = answers(ChromaIndex(folder, owner, model), *sample)
        finally:
            os._exit(0 if sound else 1)
    return os.waitpid(pid, 0)[1] == 0


@cache
def warm() -> Any:
    """Where processes are forked from."""
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__ if __name__ != "__main__" else "tests.scenarios.kills"])
    return context


def run(home: Home, point: str = "", nth: int = 1) -> int:
    """One process's life; returns its exit status, negative for a signal."""
    process = warm().Process(target=walk, args=(home, point, nth), daemon=True)
    process.start()
    process.join(120)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"It hangs: {point or 'going on'}.")
    return int(process.exitcode)


def killed_and_again(home: Home, point: str, turn: int = 0) -> int:
    """Killed at the point, at a call of it that the turn chooses; every other turn twice. Then started until it ends.

    Returns how often it was killed. Raises RuntimeError when it ends badly.
    """
    nth, kills = 1 + turn % POINTS[point].turns, 0
    for chosen in ((point, nth), (point, 1)) if turn % 2 else ((point, nth),):
        kills += run(home, *chosen) == -signal.SIGKILL
    if not kills:
        raise RuntimeError(f"It was not killed: {point} ({nth}).")
    if status := run(home):
        raise RuntimeError(f"It did not end well after it was killed: {point} ({nth}), status {status}.")
    return kills
