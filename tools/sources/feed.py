"""Feeds as a source: RSS, Atom and JSON Feed, by their addresses or by an OPML file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.errors import ConfigError
from memory.records import Cursor
from tools.sources.answers import web_link
from tools.sources.feed_walk import FeedWalk, Step, Subscription, now
from tools.sources.opml import read_opml
from tools.sources.options import Options
from tools.web import Api, GuardedWeb


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> FeedSource:
    """The feeds at ``urls`` and those in the file ``opml``; ``allow`` names hosts at home. Raises ConfigError."""
    options = Options.of("feed", settings, "urls", "opml")
    options.need("urls", "opml")
    opml = options.one("opml", "")
    return FeedSource(
        options.name,
        tuple(feed_url(url) for url in options.words("urls")),
        Path(opml) if opml else None,
        GuardedWeb(options.allow),
    )


def feed_url(written: str) -> str:
    """The address of a feed; feed:… is taken, too. Raises ConfigError."""
    bare = written.removeprefix("feed:")
    url = web_link(f"https:{bare}" if bare.startswith("//") else bare)
    if not url:
        raise ConfigError(f"The source feed cannot read {written[:120]!r}: give an address that begins with https://.")
    return url


@dataclass(frozen=True)
class FeedSource:
    """Some feeds. The OPML file is read anew with every ``fetch``, so that what is added to it counts at once."""

    name: str
    urls: tuple[str, ...]
    opml: Path | None = None
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """What is new in every feed; one that is away is an error, and the others go on."""
        yield from FeedWalk(self.name, self.web, self.now).read(map(Subscription, self.addresses()), cursor)

    def addresses(self) -> tuple[str, ...]:
        """All feeds, each once. Raises SourceError when the OPML file cannot be read."""
        listed = (outline.url for outline in read_opml(self.opml)) if self.opml else ()
        return tuple(dict.fromkeys((*self.urls, *listed)))
