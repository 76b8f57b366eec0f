"""How the feeds of a Mastodon account are walked: from the mark to now, oldest first, each step with its cursor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from memory.records import Account, Evidence, Fetched, Gap, Item, Kind, Reaction, Seen, Visibility
from tools.sources.answers import Json
from tools.sources.mastodon_client import PAGE, Call, RefusedError, Server, row_id
from tools.sources.statuses import instant, parse_status

Step = Fetched | SourceError

HOME_REACH: Final = timedelta(days=7)
REMEMBERED: Final = 40  # ids in the mark of a feed that can only be walked backwards

UNREADABLE: Final = (AttributeError, KeyError, TypeError, ValueError)

log = logging.getLogger(__name__)


def paged(method: str, *about: str, **how: Any) -> Call:
    """A method of Mastodon.py that answers in pages, to be told where the page begins."""
    return lambda client, **ids: getattr(client, method)(*about, **{"limit": PAGE, **how, **ids})


@dataclass
class Walk:
    """One run over the feeds of one account; ``marks`` is the cursor, and moves along."""

    source: str
    base_url: str
    server: Server
    now: Callable[[], datetime]
    backfill: int
    ignore: Collection[str] = ()
    marks: dict[str, str] = field(default_factory=dict)
    singles: int = 40  # posts that may still be asked for one by one

    def read(self, status: Json, reacted: Mapping[Kind, datetime | None] | None = None) -> Fetched:
        """One status; nothing if it comes from, or is a private word to, an ignored account. May raise SourceError."""
        fetched = parse_status(status, source=self.source, base_url=self.base_url, reacted=reacted)
        return Fetched() if fetched.item and self._ignored(fetched.item, fetched.accounts) else fetched

    def timeline(self, feed: str, what: str, call: Call) -> Iterator[Step]:
        """A feed of statuses that can be walked forward: a list, a hashtag."""
        for page in self._pages(feed, what, call):
            yield from self._tell(feed, page, lambda row: [self.read(row)])

    def home(self) -> Iterator[Step]:
        """The home timeline, which forgets: a stretch that was lost is told as a gap."""
        mark = self.marks.get("home", "")
        call = paged("timeline_home")
        for number, page in enumerate(self._pages("home", "the home timeline", call, HOME_REACH)):
            if mark and number == 0:
                yield from self._gap(mark, page[-1], call)
            yield from self._tell("home", page, lambda row: [self.read(row)])

    def notifications(self) -> Iterator[Step]:
        """What others address to the owner, and posts of people the owner wants to be told about."""
        wanted = ["mention", "status"]
        call = paged("notifications", types=wanted)
        for page in self._pages("notifications", "notifications", call):
            yield from self._tell("notifications", page, partial(self._notification, wanted))

    def own(self, me: Json) -> Iterator[Step]:
        """What the owner posts, boosts and replies to, each reply with the post it answers."""
        call = paged("account_statuses", row_id(me))
        for page in self._pages("own", "your own posts", call):
            parents = self._parents(page)
            yield from self._tell("own", page, partial(self._mine, parents, row_id(me)))

    def chosen(self, feed: str, what: str, method: str, kind: Kind) -> Iterator[Step]:
        """Favourites or bookmarks, whose order only the server knows: backwards until something is known.

        The first run takes a status's own time for the reaction's, later runs the time of finding it.
        """
        first, known = feed not in self.marks, self.marks.get(feed, "").split()
        fresh = self._fresh(what, paged(method), known)
        for row in reversed(fresh):
            yield from self._attempt(row, lambda row: [self.read(row, {kind: None if first else self.now()})])
        if fresh or first:
            # Only now: a first run that breaks off must begin again as a first run.
            self.marks[feed] = " ".join([*map(row_id, fresh), *known][:REMEMBERED])
            yield self.here(Fetched())

    def optional(self, what: str, scope: str, steps: Iterable[Step]) -> Iterator[Step]:
        """A feed that a server or a token may lack; its failure stops nothing else."""
        try:
            yield from steps
        except RefusedError as refused:
            if refused.missing:
                log.info("event=feed_missing host=%s feed=%r status=%d", self.server.host, what, refused.status)
            else:
                yield self.lacking(what, scope) if refused.forbidden else refused
        except SourceError as error:
            yield error
        except UNREADABLE as error:
            yield SourceError(
                f"{self.server.host} sent something unreadable for {what} ({type(error).__name__}); it was left out."
            )

    def lacking(self, what: str, scope: str) -> SourceError:
        """Which scope the owner's token should have had."""
        return SourceError(
            f"{self.server.host} does not let Magpie read {what}: the token lacks the scope {scope}; "
            "make a new one with 'magpie login'."
        )

    def here(self, fetched: Fetched) -> Fetched:
        """The same with the whole cursor as it is now."""
        return replace(fetched, cursor=dict(self.marks))

    def _pages(self, feed: str, what: str, call: Call, reach: timedelta | None = None) -> Iterator[list[Json]]:
        """What is new in a feed, page by page, the oldest page first, each page newest first."""
        if mark := self.marks.get(feed):
            yield from self.server.ahead(what, call, mark.partition(" ")[0])
            return
        rows: list[Json] = []
        for page in self.server.back(what, call):
            recent = [row for row in page if reach is None or not self._older(row, reach)]
            rows += recent
            if len(rows) >= self.backfill or len(recent) < len(page):
                break
        rows = rows[: self.backfill]
        yield from reversed([rows[start : start + PAGE] for start in range(0, len(rows), PAGE)])

    def _older(self, row: Json, reach: timedelta) -> bool:
        try:
            return instant(row.get("created_at")) < self.now() - reach
        except ValueError:
            return False

    def _tell(self, feed: str, page: list[Json], read: Callable[[Json], Iterable[Fetched]]) -> Iterator[Step]:
        for row in reversed(page):
            steps = list(self._attempt(row, read))
            yield from steps[:-1]
            if row_id(row):
                self.marks[feed] = f"{row_id(row)} {row.get('created_at', '')}"
            last = steps[-1] if steps else Fetched()
            if isinstance(last, SourceError):
                yield last
                last = Fetched()
            yield self.here(last)

    def _attempt(self, row: Json, read: Callable[[Json], Iterable[Fetched]]) -> Iterator[Step]:
        try:
            yield from map(self.here, read(row))
        except SourceError as error:
            yield error
        except UNREADABLE as error:
            yield SourceError(
                f"Row {row_id(row)} of {self.server.host} was left out: it cannot be read ({type(error).__name__})."
            )

    def _gap(self, mark: str, oldest: Json, call: Call) -> Iterator[Step]:
        """Whether anything lay between the mark and the oldest new post that the server no longer has."""
        try:
            since, until = instant(mark.partition(" ")[2]), instant(oldest.get("created_at"))
        except ValueError:
            return
        before = self.server.rows("the home timeline", call, max_id=row_id(oldest), limit=1)
        # The marked post, or an older one where that was deleted, means that nothing between is missing.
        if since < until and not (before and instant(before[0].get("created_at")) <= since):
            yield self.here(Fetched(gap=Gap("home", since, until)))

    def _notification(self, wanted: list[str], row: Json) -> Iterator[Fetched]:
        if row.get("type") in wanted and isinstance(row.get("status"), Mapping):
            yield self.read(row["status"])

    def _mine(self, parents: Mapping[str, Json], me: str, row: Json) -> Iterator[Fetched]:
        if isinstance(row.get("reblog"), Mapping):
            yield self.read(row, {Kind.BOOST: instant(row.get("created_at"))})
            return
        fetched = self.read(row)
        if (item := fetched.item) is None:
            return
        reactions = [Reaction(Kind.AUTHORED, item.created_at, item.uri, self.source)]
        seen = [Seen("item", item.uri, item.created_at, Evidence.AUTHORED)]
        parent = parents.get(str(row.get("in_reply_to_id") or ""))
        if parent is not None and str(row.get("in_reply_to_account_id")) != me:
            answered = self._answered(parent)
            if answered.item:
                yield answered
                reactions.append(Reaction(Kind.REPLY, item.created_at, answered.item.uri, self.source))
                seen += _replied(answered.item, item.created_at)
        yield replace(fetched, reactions=(*fetched.reactions, *reactions), seen=(*fetched.seen, *seen))

    def _answered(self, parent: Json) -> Fetched:
        try:
            return self.read(parent)
        except SourceError:  # no reason to lose the answer
            return Fetched()

    def _parents(self, page: list[Json]) -> dict[str, Json]:
        """The posts that a page of replies answers; where a server tells them only one by one, not all of them."""
        known = {row_id(row): row for row in page}
        numbers = dict.fromkeys(str(row["in_reply_to_id"]) for row in page if row.get("in_reply_to_id"))
        wanted = [number for number in numbers if number not in known]
        if not self.server.batches:
            wanted = wanted[: self.singles]
            self.singles -= len(wanted)
        for number, status in self.server.statuses(wanted, surely=False):
            if isinstance(status, Mapping):
                known[number] = status
        return known

    def _fresh(self, what: str, call: Call, known: list[str]) -> list[Json]:
        fresh: list[Json] = []
        for page in self.server.back(what, call):
            numbers = [row_id(row) for row in page]
            met = [place for place, number in enumerate(numbers) if number in known]
            # With a full memory, what lies behind the last known one is old, and was only forgotten.
            end = met[-1] if met and len(known) >= REMEMBERED else len(page)
            fresh += [row for row in page[:end] if row_id(row) not in known]
            if met or len(fresh) >= self.backfill:
                break
        return fresh[: self.backfill]

    def _ignored(self, item: Item, accounts: tuple[Account, ...]) -> bool:
        author = next((account.handle for account in accounts if account.uri == item.author), "")
        private = item.visibility is Visibility.DIRECT
        return author.lower() in self.ignore or (private and any(h.lower() in self.ignore for h in item.mentions))


def _replied(parent: Item, at: datetime) -> list[Seen]:
    """Who answers a post has seen it, and the thread from as far up as is known here."""
    root = parent.reply_to or parent.ref
    return [Seen("item", parent.uri, at, Evidence.REPLIED), Seen("thread", root, at, Evidence.REPLIED)]
