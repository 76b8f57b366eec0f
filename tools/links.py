"""Links: their one spelling, the shorteners that hide them, and what a page says its own address is."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from config.errors import SourceError
from tools.canonical import Link, canonical, is_suffix, parse
from tools.link_tables import SHARED_HOSTS, SHORTENERS
from tools.web import Web

__all__ = ["LinkResolver", "canonical", "declared", "is_general", "is_short", "same_site"]

log = logging.getLogger(__name__)

REMEMBERED = 20_000  # short links, beside those that the store has: whoever runs for years needs a bound

_AMP = re.compile(r"[/.?&=_]amp(?:$|[/.?&=_])")
_REDDIT_SHARE = re.compile(r"/(?:r|u|user)/\w+/s/\w+")
_PROFILE = re.compile(
    r"/(?:web/|deck/)?@[^/]+|/users/[^/]+|/(?:tags?|hashtag|explore/tags)/[^/]+|/[a-z]{2}(?:-[a-z]{2})?"
)
_ONE_STEP = re.compile(r"/[^/]+")
_PEOPLE = {
    **dict.fromkeys(("github.com", "gitlab.com", "codeberg.org", "x.com", "instagram.com", "facebook.com"), _ONE_STEP),
    "youtube.com": re.compile(r"/(?:@[^/]+|(?:c|channel|user)/[^/]+)(?:/(?:videos|shorts|streams|about))?"),
    "reddit.com": re.compile(r"/(?:r|u|user)/[^/]+"),
    "linkedin.com": re.compile(r"/(?:in|company)/[^/]+"),
    "bsky.app": re.compile(r"/profile/[^/]+"),
    "t.me": re.compile(r"/(?:s/)?[^/]+"),
}


def is_short(url: str) -> bool:
    """Whether a link hides where it leads: it must be followed before it can be compared."""
    link = parse(url)
    if link is None or link.path in ("", "/"):
        return False
    return link.host in SHORTENERS or (link.host == "reddit.com" and bool(_REDDIT_SHARE.fullmatch(link.path)))


def is_general(link: str) -> bool:
    """Whether a canonical link is a front page, a profile or a hashtag: sharing it does not tell the same thing."""
    parts = parse(link)
    if parts is None or parts.query or parts.fragment:
        return False
    pattern = _PEOPLE.get(parts.host, _PROFILE)
    return parts.path in ("", "/") or bool(_PROFILE.fullmatch(parts.path) or pattern.fullmatch(parts.path))


def declared(html: str, base: str) -> str | None:
    """Return, in canonical form, the address that a page gives itself (rel=canonical, else og:url), if it is credible.

    It is not, where it is another site's or the front page: the one is a theft, the other a mistake of many sites.
    """
    from selectolax.lexbor import LexborHTMLParser

    tree, here = LexborHTMLParser(html), parse(base)
    if here is None:
        return None
    said = [node.attributes.get("href") for node in tree.css('link[rel~="canonical" i]')]
    said += [node.attributes.get("content") for node in tree.css('meta[property="og:url" i]')]
    return next((link for href in said if href and (link := _credible(href, base, here))), None)


def _credible(href: str, base: str, here: Link) -> str | None:
    try:
        link = canonical(urljoin(base, href.strip()))
    except ValueError:
        return None
    there = parse(link)
    if there is None or _site(there.host) != _site(here.host):
        return None
    return None if there.path == "/" and not there.query else link


def same_site(one: str, other: str) -> bool:
    """Whether two URLs belong to one registered name, so that one may speak for the other."""
    here, there = parse(one), parse(other)
    return here is not None and there is not None and _site(here.host) == _site(there.host)


def _site(host: str) -> str:
    """The registered name: news.example.co.uk → example.co.uk; below a shared host, the name is the whole."""
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    for n in range(2, len(labels) + 1):
        name = ".".join(labels[-n:])
        if not is_suffix(name) and name not in SHARED_HOSTS:
            return name
    return host


@dataclass
class LinkResolver:
    """Canonical links, with shorteners followed where there is a web to ask.

    ``known`` (canonical short link → canonical link) may outlive the run; of them the latest are remembered. Failures
    are remembered until it is told to ``try_again``.
    """

    web: Web | None = None
    known: MutableMapping[str, str] = field(default_factory=dict)
    hops: int = 3
    _news: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _fruitless: set[str] = field(default_factory=set, init=False, repr=False)

    def news(self) -> dict[str, str]:
        """What was found out since this was asked last."""
        found, self._news = self._news, {}
        return found

    def try_again(self) -> None:
        """What could not be found out may be found out by now."""
        self._fruitless.clear()

    def resolve(self, url: str, fetch: bool = False) -> str:
        """Return the canonical link behind a URL; where that cannot be found out, of the URL itself.

        ``fetch`` also asks pages that look like AMP for the address of their original.
        """
        link = canonical(url)
        if link in self.known:
            return self.known[link]
        if self.web is None or link in self._fruitless:
            return link
        try:
            found = self._followed(self.web, url) if is_short(link) else link
            if fetch and _AMP.search(found):
                found = self._original(self.web, url if found == link else found) or found
        except SourceError as error:
            log.info("event=link_unresolved error=%s", type(error).__name__)
            self._fruitless.add(link)
            return link
        if found != link:
            self._remember(link, found)
        elif is_short(link) or (fetch and _AMP.search(link)):
            self._fruitless.add(link)
        return found

    def _remember(self, link: str, found: str) -> None:
        self.known[link] = self._news[link] = found
        while len(self.known) > REMEMBERED:
            del self.known[next(iter(self.known))]

    def _followed(self, web: Web, url: str) -> str:
        for _ in range(self.hops):
            url = url if is_short(url) else canonical(url)  # a wrapper may hold a short link
            onward = web.redirect(url) if is_short(url) else None
            if onward is None:
                break
            url = onward
        if parse(url) is None:
            raise SourceError(f"A short link leads to {url[:80]!r}, which is no web page.")
        return canonical(url)

    def _original(self, web: Web, url: str) -> str | None:
        page = web.get(url)
        return declared(page.text, page.url) if page.status == 200 else None
