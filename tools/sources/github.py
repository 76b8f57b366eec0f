"""GitHub as a source: the owner's stars, what those one follows do, and releases; all of it public."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr

from config.errors import ConfigError, SourceError
from memory.records import Account, Cursor, Evidence, Fetched, Kind, Reaction, Seen
from tools.sources.answers import Json, as_json, dated, handle, line, moment, rows, text
from tools.sources.feed_items import Sighting, item_of, posted
from tools.sources.feed_reading import Feed
from tools.sources.feed_walk import FeedWalk, Step, Subscription, now
from tools.sources.github_events import SITE, doing, person, repository
from tools.sources.options import Options
from tools.web import Api, AwayError, GuardedWeb

API: Final = "https://api.github.com"
_PAGE: Final = 100
_PAGES: Final = 10  # of stars, the first time; of the people one follows, always
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,39}")
_FULL: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[\w.-]{1,100}")
_STARS: Final = {"Accept": "application/vnd.github.star+json"}


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> GithubSource:
    """The stars of ``user``, the doings of whom they follow, and the releases of ``repositories``. Raises ConfigError.

    Releases of the ``starred`` latest stars are read, too. The secret ``github_token`` is not needed; with it GitHub
    answers more often.
    """
    options = Options.of("github", settings, "user", "repositories", "starred")
    options.need("user", "repositories")
    user, full = options.one("user", ""), options.words("repositories")
    if user and not _NAME.fullmatch(user):
        raise ConfigError(f"The source github knows no user {user!r}: give a user name.")
    if wrong := next((name for name in full if not _FULL.fullmatch(name)), None):
        raise ConfigError(f"The source github knows no repository {wrong!r}: give it as owner/name.")
    return GithubSource(
        options.name,
        user,
        full,
        options.number("starred", 20, 0, 200),
        secrets.get("github_token"),
        GuardedWeb(options.allow, pause=0.5),
    )


@dataclass(frozen=True)
class GithubSource:
    """What is public of one user's GitHub."""

    name: str
    user: str = ""
    repositories: tuple[str, ...] = ()
    starred: int = 20
    token: SecretStr | None = field(default=None, repr=False)
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """New stars, then whom the user follows and what they do, then releases."""
        marks = dict(cursor or {})
        parts = [self._stars(marks), self._following(), self._events(marks)] if self.user else []
        for part in parts:
            try:
                yield from part
            except AwayError as error:
                yield error
                break
            except SourceError as error:
                yield error
        yield from self._releases(marks)

    def _ask(self, path: str, what: str, headers: Mapping[str, str] | None = None) -> Any:
        secret = self.token.get_secret_value().strip() if self.token else ""
        said = {"Accept": "application/vnd.github+json", **({"Authorization": f"Bearer {secret}"} if secret else {})}
        page = self.web.ask(f"{API}{path}", {**said, **(headers or {})})
        if page.status == 403 and page.headers.get("x-ratelimit-remaining") == "0":
            raise AwayError(f"GitHub was asked too often for {what}; it answers again within the hour.")
        return as_json(page, what)

    def _stars(self, marks: dict[str, str]) -> Iterator[Step]:
        """Newest first until a known one; then told oldest first. A star tells when it was given."""
        mark = marks.get("stars", "")
        fresh: list[Json] = []
        for page in range(1, _PAGES + 1):
            path = f"/users/{self.user}/starred?sort=created&direction=desc&per_page={_PAGE}&page={page}"
            found = rows(self._ask(path, "your stars", _STARS))
            new = [row for row in found if text(row, "starred_at") > mark]
            fresh += new
            if len(new) < _PAGE:
                break
        for row in reversed(fresh):
            yield self._star(row)
        latest = max([mark, *(text(row, "starred_at") for row in fresh if moment(text(row, "starred_at")))])
        names = [text(row, "repo", "full_name") for row in fresh] + marks.get("starred", "").split()
        marks["starred"] = " ".join(name for name in dict.fromkeys(names) if _FULL.fullmatch(name))
        marks["starred"] = " ".join(marks["starred"].split()[: self.starred])
        yield Fetched(cursor={"stars": latest, "starred": marks["starred"]})

    def _star(self, row: Json) -> Step:
        try:
            item, owner = repository(row["repo"], self.name, self.now())
            at = dated(moment(text(row, "starred_at")), self.now())
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            return SourceError(f"A star on GitHub was left out: it cannot be read ({error}).")
        reaction = Reaction(Kind.LIKE, at, item.uri, self.name)
        return Fetched(
            item=item,
            accounts=(owner,),
            reactions=(reaction,),
            seen=(Seen("item", item.uri, at, Evidence.REACTED),),
        )

    def _following(self) -> Iterator[Step]:
        people: list[Account] = []
        for page in range(1, _PAGES + 1):
            found = rows(self._ask(f"/users/{self.user}/following?per_page={_PAGE}&page={page}", "whom you follow"))
            people += [
                person(line(row, "login"), followed=True) for row in found if _NAME.fullmatch(text(row, "login"))
            ]
            if len(found) < _PAGE:
                break
        yield Fetched(accounts=tuple(people))

    def _events(self, marks: Mapping[str, str]) -> Iterator[Step]:
        known = marks.get("events", "").split()
        found = rows(self._ask(f"/users/{self.user}/received_events/public?per_page={_PAGE}", "what happened"))
        fresh = [row for row in reversed(found) if text(row, "id") not in known]
        repositories = _Repositories(lambda name: self._ask(f"/repos/{name}", f"the repository {name}"))
        for row in fresh:
            try:
                told = doing(row, self.name, self.now(), repositories)
            except _EnoughError:
                break  # the rest next time
            except SourceError as error:  # it may be gone by now
                yield error
                told = None
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                yield SourceError(f"Something that happened on GitHub was left out: it cannot be read ({error}).")
                told = None
            known = [number for number in (text(row, "id"),) if number.isdecimal()] + known
            if told is not None:
                yield told
        yield Fetched(cursor={"events": " ".join(known[:300])})

    def _releases(self, marks: Mapping[str, str]) -> Iterator[Step]:
        names = dict.fromkeys((*self.repositories, *marks.get("starred", "").split()[: self.starred]))
        feeds = (Subscription(f"{SITE}/{name}/releases.atom", _project, _release) for name in names)
        yield from FeedWalk(self.name, self.web, self.now).read(feeds, marks)


class _EnoughError(Exception):
    """No more repositories are looked up in this run."""


@dataclass
class _Repositories:
    """Looks repositories up, each once and not too many: without a token GitHub answers 60 times in an hour."""

    ask: Callable[[str], Any]
    left: int = 8
    found: dict[str, Json] = field(default_factory=dict)

    def __call__(self, name: str) -> Json:
        if name not in self.found:
            if not self.left:
                raise _EnoughError
            self.left -= 1
            self.found[name] = self.ask(name)
        return self.found[name]


def _project(feed: Feed, url: str) -> Account:
    home = url.removesuffix("/releases.atom")
    owner, _, name = home.removeprefix(f"{SITE}/").partition("/")
    return Account(home, handle(f"{owner}.{name}", "github.com"), f"{owner}/{name}", home, True, followed=True)


def _release(sighting: Sighting) -> Fetched:
    """A release under the address of its page, with the name of what is released before its own."""
    read = item_of(sighting)
    page = sighting.entry.link
    if not page.startswith(f"{sighting.account.uri}/"):
        raise ValueError("its address is not the project's")
    name = sighting.account.name.rpartition("/")[2]
    title = read.title if name.lower() in read.title.lower() else f"{name} {read.title}"
    return posted(
        replace(read, uri=page, ref=page, url=page, kind="release", title=title, links=(page,)), sighting.account
    )
