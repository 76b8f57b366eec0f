"""arXiv as a source: new papers of categories and of searches, each with its abstract and where its code is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from config.errors import ConfigError
from memory.records import Account, Cursor, Fetched
from tools.sources.answers import handle
from tools.sources.feed_items import Sighting, item_of, joining, posted
from tools.sources.feed_walk import FeedWalk, Step, Subscription, now
from tools.sources.options import Options
from tools.web import Api, GuardedWeb

_API: Final = "https://export.arxiv.org/api/query"
_CATEGORY: Final = re.compile(r"[a-z-]{2,12}(?:\.[A-Za-z-]{2,12})?")
_PAPER: Final = re.compile(r"https?://arxiv\.org/abs/(?P<id>[\w.-]+?(?:/\d{7})?)(?P<version>v\d+)?")
_CODE: Final = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|huggingface\.co|bitbucket\.org)/[\w.-]+/[\w./-]*\w"
)
_NAMED: Final = 8  # authors


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> ArxivSource:
    """The newest ``papers`` of each of ``categories`` (cs.CL …) and of ``queries``. Raises ConfigError.

    A query is one of arXiv's (au:Noether AND ti:ring), or plain words.
    """
    options = Options.of("arxiv", settings, "categories", "queries", "papers")
    options.need("categories", "queries")
    for category in options.words("categories"):
        if not _CATEGORY.fullmatch(category):
            raise ConfigError(f"The source arxiv knows no category {category!r}: give one such as cs.CL.")
    searches = [f"cat:{category}" for category in options.words("categories")]
    searches += [query if ":" in query else f'all:"{query}"' for query in options.words("queries")]
    web = GuardedWeb(options.allow, pause=3.0, timeout=30.0)  # as arXiv asks; it is slow
    return ArxivSource(options.name, tuple(searches), options.number("papers", 50, 1, 200), web)


@dataclass(frozen=True)
class ArxivSource:
    """Each category or query is an account that is followed."""

    name: str
    searches: tuple[str, ...]
    papers: int = 50
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """What is new in each of them."""
        yield from FeedWalk(self.name, self.web, self.now).read(map(self._feed, self.searches), cursor)

    def _feed(self, search: str) -> Subscription:
        newest = {"sortBy": "submittedDate", "sortOrder": "descending", "max_results": self.papers}
        url = f"{_API}?{urlencode({'search_query': search, **newest})}"
        return Subscription(url, lambda feed, address: _shelf(search, address), _paper)


def _shelf(search: str, url: str) -> Account:
    name = search.removeprefix("cat:")
    return Account(url, handle(name, "arxiv.org"), f"arXiv {name}", "https://arxiv.org/", True, followed=True)


def _paper(sighting: Sighting) -> Fetched:
    """A paper is one, whichever version of it is told."""
    entry = sighting.entry
    found = _PAPER.fullmatch(entry.guid)
    if found is None:
        raise ValueError("it is no paper")
    page = f"https://arxiv.org/abs/{found['id']}"
    read = item_of(sighting)
    abstract, comment = read.text, str(entry.raw.get("arxiv_comment", ""))
    code = tuple(dict.fromkeys(_CODE.findall(f"{abstract} {comment}")))
    item = replace(
        read,
        uri=page,
        ref=page,
        url=page,
        kind="paper",
        language="en",
        text="\n\n".join(
            part for part in (_authors(entry.raw), " ".join(abstract.split()), _told(code, comment)) if part
        ),
        links=joining(page, str(entry.raw.get("arxiv_doi", "")) and f"https://doi.org/{entry.raw['arxiv_doi']}", *code),
        media=(),
    )
    return posted(item, sighting.account)


def _authors(raw: Mapping[str, Any]) -> str:
    names = [" ".join(str(author.get("name", "")).split()) for author in raw.get("authors", ())]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _told(code: tuple[str, ...], comment: str) -> str:
    lines = [f"Code: {', '.join(code)}"] if code else []
    return "\n".join([*lines, *([f"Comment: {' '.join(comment.split())}"] if comment else [])])
