"""Linked articles as a source: what stands behind links that others have shared, without what stands around it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from config.errors import SourceError
from memory.records import Account, Cursor, Fetched, How, Item, Share, fingerprint
from tools.canonical import canonical
from tools.links import declared, is_general
from tools.sources.answers import dated, good, handle, host_of, moment, one_line, web_link
from tools.sources.feed_items import joining, language_of
from tools.sources.unseen import seen, tidied
from tools.web import Api, AwayError, Page

Step = Fetched | SourceError
log = logging.getLogger(__name__)

FEWEST: Final = 400  # characters; less is a teaser, a login, a consent form
_REMEMBERED: Final = 3_000
_PER_HOST: Final = 3  # in a run
_READ: Final = ("text/html", "application/xhtml+xml")
_FRAGMENT_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link to a page that is not known yet, and who has shared it when."""

    link: str
    shares: tuple[tuple[str, datetime], ...]  # (Account.uri, instant)


@dataclass(frozen=True)
class Articles:
    """Reads at most ``most`` pages in a run, each once, where robots.txt lets it.

    ``wanted`` gives the links, those first that matter most; ``held`` says whether an item is known by that URI, for
    what a feed has brought is not written over.
    """

    web: Api = field(repr=False)
    wanted: Callable[[], Iterable[Wanted]] = field(repr=False)
    held: Callable[[str], bool] = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    most: int = 20
    name: str = "articles"

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """The articles behind wanted links. What cannot be read is not asked for again, and is no error."""
        asked, away, visits = (cursor or {}).get("asked", "").split(), set[str](), Counter[str]()
        for wanted in self.wanted():
            mark, host = fingerprint(canonical(wanted.link))[:12], host_of(wanted.link)
            if mark in asked or is_general(canonical(wanted.link)) or not web_link(wanted.link):
                continue
            if host in away or visits[host] == _PER_HOST:
                continue  # another time
            if visits.total() == self.most:
                break
            visits[host] += 1
            try:
                found = self._read(wanted)
            except AwayError as error:
                away.add(host)  # and is asked again another time
                yield error
                continue
            except SourceError as error:
                log.info("event=article_unread host=%s cause=%r", host, str(error)[:160])
                found = Fetched()
            asked = [mark, *asked][:_REMEMBERED]
            yield replace(found, cursor={"asked": " ".join(asked)})

    def _read(self, wanted: Wanted) -> Fetched:
        page = good(self.web.get(wanted.link), "the page")
        item = read_article(page, min(at for _, at in wanted.shares), self.now())
        if item is None or self.held(item.uri):
            return Fetched()
        item = replace(item, source=self.name, links=joining(wanted.link, item.uri))
        shares = tuple(Share(account, item.uri, at, How.LINKED) for account, at in wanted.shares)
        return Fetched(item=item, accounts=(_site(page, item),), shares=shares)


def read_article(page: Page, shared_at: datetime, now: datetime) -> Item | None:
    """The article of a page, known by the address that the page gives itself; None where there is none."""
    if page.content_type not in _READ or not (found := _extracted(page)):
        return None
    text = tidied(seen(str(found.text or "")))
    if len(text) < FEWEST:
        return None
    uri = web_link(declared(page.text, page.url) or canonical(page.url))
    return Item(
        uri=uri,
        ref=uri,
        author=_home(uri),
        created_at=min(dated(moment(found.date), now), shared_at),
        text=text,
        url=page.url,
        kind="article",
        title=one_line(str(found.title or ""))[:300],
        language=language_of(str(found.language or "")),
        links=(uri,),
        raw={"author": str(found.author or "")[:200], "site": str(found.sitename or "")[:200]},
    )


def _extracted(page: Page) -> Any:
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            page.text, url=page.url, include_comments=False, include_tables=False, with_metadata=True
        )
    except Exception as error:  # whatever a parser does with hostile pages, the other pages go on
        log.info("event=article_unreadable host=%s error=%s", host_of(page.url), type(error).__name__)
        return None


def _home(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _site(page: Page, item: Item) -> Account:
    host = host_of(item.uri)
    name = one_line(str(item.raw.get("site", "")))[:80] or host
    return Account(item.author, handle(name, host), name, _home(page.url))


def place_in(url: str, passage: str) -> str:
    """The URL of a passage of a page: a browser scrolls there and marks it (a text fragment)."""
    words = passage.strip(" …").split()
    if not words:
        return url
    begin, end = words[:_FRAGMENT_WORDS], words[-_FRAGMENT_WORDS:]
    ends = [" ".join(words)] if len(words) <= 2 * _FRAGMENT_WORDS else [" ".join(begin), " ".join(end)]
    said = ",".join(quote(part, safe="").replace("-", "%2D") for part in ends)
    return f"{url.partition('#')[0]}#:~:text={said}"
