"""Posts by their addresses alone: the owner's own server is asked, and fetches them from wherever they are.

One address a request, a few requests a second, and none any more once the server does not want to be asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from config.errors import SourceError
from memory.records import Fetched
from tools.sources.answers import Json
from tools.sources.mastodon_client import RefusedError, Server
from tools.sources.statuses import parse_status

PAUSE: Final = 0.35
"""Seconds between two requests."""

PATIENCE: Final = 5
"""Refusals one after the other, after which the server is not asked any more."""


@dataclass
class Lookup:
    """What ``server`` knows, or finds out, about addresses. ``asked`` and ``found`` count them."""

    source: str  # what the posts are found under
    base_url: str
    server: Server
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    asked: int = 0
    found: int = 0
    ended: str = ""  # why it is asked no more
    _last: float = field(default=float("-inf"), init=False)
    _refused: int = field(default=0, init=False)

    def __call__(self, address: str) -> Fetched | None:
        """The post that bears this address, with its account; None where nobody tells. Asks at most once."""
        if self.ended:
            return None
        self._pace()
        self.asked += 1
        try:
            found = self._read(address)
        except RefusedError as refused:
            self._heed(refused)
            return None
        except SourceError:  # one post that cannot be read says nothing of the next
            return None
        self._refused = 0
        self.found += found is not None
        return found

    @property
    def told(self) -> str:
        """What came of it, in a sentence."""
        return f"{self.server.host} was asked for {self.asked} posts by their addresses, and showed {self.found}."

    def _read(self, address: str) -> Fetched | None:
        answer = self.server.ask("a post by its address", lambda client: client.search_v2(address, True, "statuses"))
        rows = answer.get("statuses") if isinstance(answer, Mapping) else None
        same = [row for row in rows or () if isinstance(row, Mapping) and _bears(row, address)]
        return parse_status(same[0], source=self.source, base_url=self.base_url) if same else None

    def _pace(self) -> None:
        if (wait := self._last + PAUSE - self.clock()) > 0:
            self.sleep(wait)
        self._last = self.clock()

    def _heed(self, refused: RefusedError) -> None:
        """A login that may not ask, a server that wants peace or is away: there is no use in going on."""
        self._refused += 1
        if refused.forbidden:
            self.ended = (
                f"{self.server.host} does not let this login look for posts, which takes the scope read:search: "
                "run 'magpie login' anew, which asks for it, and import again."
            )
        elif refused.status in (0, 429) or self._refused >= PATIENCE:
            self.ended = f"{self.server.host} was not asked for the other addresses: {refused}"


def _bears(row: Json, address: str) -> bool:
    """A search may find what only speaks of an address."""
    return address in (row.get("uri"), row.get("url"))
