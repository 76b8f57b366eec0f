"""An archive of X (Twitter), as a folder or a zip: what the owner wrote, passed on, liked and bookmarked there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from memory.records import Account, Fetched, Item, Kind, Visibility
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.deeds import Bare, done
from tools.importers.fields import Json, inner, listed, wanted, word, words
from tools.importers.twitter_files import Scripts
from tools.importers.twitter_messages import messages
from tools.importers.twitter_notes import Notes
from tools.importers.twitter_posts import SOURCE, Writing, created, shown_as, somebody, status, time_of

_POSTS: Final = ("tweets", "tweet", "community-tweet")
_EDITABLE: Final = timedelta(hours=2)  # X allows one, at most
_RETWEET: Final = re.compile(r"RT @(\w{1,20}): (.*)", re.DOTALL)
_BEGINS: Final = (b"window.YTD.", b'"tweet"', b'"like"')


def recognises(opened: Opened) -> bool:
    """Scripts of the names that X gives them, which begin as X lets them begin."""
    names = Scripts(opened).parts(*_POSTS, "like", "account", "note-tweet")
    return any(any(sign in opened.head(name, 400) for sign in _BEGINS) for name in names)


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``messages`` = "yes" takes in private messages too; ``me`` is the owner's name there if no account.js tells it.

    ``protected`` = "yes": the posts were for followers only. The archive tells that as well, where it does.
    """
    whose = Whose.of(settings, "importer twitter", "messages", "protected")
    wanted(whose, "messages")
    wanted(whose, "protected")
    return Importer("twitter", opened, partial(rows, opened, whose, Bare(SOURCE)))


def rows(opened: Opened, whose: Whose, bare: Bare) -> Rows:
    """Posts, long posts that were left over, deletions, likes, bookmarks, and messages where they are wanted."""
    archive = _Archive(Scripts(opened), whose, bare)
    yield from archive.notes.read(archive.scripts)
    yield from archive.each(_POSTS, archive.post)
    yield from archive.notes.left(archive.owner)
    yield from archive.each(("deleted-tweets", "deleted-tweet"), archive.deleted)
    yield from archive.each(("like",), partial(archive.chosen, "like", Kind.LIKE))
    yield from archive.each(("bookmark", "bookmarks"), partial(archive.chosen, "bookmark", Kind.BOOKMARK))
    if wanted(whose, "messages"):
        yield from messages(archive.scripts, whose, archive.account, archive.owner)


@dataclass
class _Archive:
    """One archive. ``own`` are the numbers of the owner's posts: liked ones are not taken for somebody else's."""

    scripts: Scripts
    whose: Whose
    bare: Bare
    own: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.account = self.scripts.first("account", "account")
        self.owner = self._owner()
        protected = wanted(self.whose, "protected") or self._protected()
        self.writing = Writing(Visibility.FOLLOWERS if protected else Visibility.PUBLIC)
        self.notes = Notes(self.writing)

    def _owner(self) -> Account:
        try:
            return somebody(word(self.account, "username"), word(self.account, "accountDisplayName"))
        except ValueError:
            names = sorted(name for name in self.whose.me if re.fullmatch(r"\w{1,20}", name, re.ASCII))
            return somebody(names[0]) if names else Account("https://x.com/i/me", "me@x.com", "me")

    def _protected(self) -> bool:
        rows = self.scripts.rows("protected-history")
        acts = [inner(row[1], "protectedHistory") for row in rows if isinstance(row, tuple)]
        last = max(acts, key=lambda act: word(act, "protectedAt"), default={})
        return word(last, "action") == "Protect"

    def each(self, files: tuple[str, ...], read: Callable[[Json, str], Iterator[Fetched | RowError]]) -> Rows:
        """Each entry of these files, read; one that cannot be is an error."""
        for step in self.scripts.rows(*files):
            if isinstance(step, RowError):
                yield step
                continue
            place, row = step
            try:
                yield from read(row, place)
            except (ValueError, OverflowError) as error:
                yield RowError(place, str(error))

    def post(self, entry: Json, place: str) -> Iterator[Fetched | RowError]:
        """What the owner wrote, or passed on."""
        row = inner(entry, "tweet") or entry
        key, text = word(row, "id_str", "id"), word(row, "full_text", "text")
        status(key)
        versions = words(inner(row, "edit_info", "initial"), "editTweetIds") or words(
            inner(row, "edit_info", "edit", "editControlInitial"), "editTweetIds"
        )
        if key in versions[:-1]:
            yield empty(place, "an earlier state of an edited post")
        elif found := _RETWEET.match(text):
            yield self._passed_on(key, row, found[1], found[2])
        else:
            yield from self._written(key, row, text, versions[:-1], place)

    def _passed_on(self, key: str, row: Json, name: str, text: str) -> Fetched:
        """The words of another. Their own number is told with pictures only; that of passing on leads there too."""
        at = created(row, key)
        shown = shown_as(listed(inner(row, "entities"), "user_mentions"))
        author, media = somebody(name, shown.get(name.lower(), "")), listed(inner(row, "extended_entities"), "media")
        told = next((word(one, "source_status_id_str") for one in media if word(one, "source_status_id_str")), key)
        without = {what: value for what, value in row.items() if what not in ("favorite_count", "retweet_count")}
        return done(self.writing.post(told, author, at, without, text), [author], (Kind.BOOST, at))

    def _written(self, key: str, row: Json, text: str, before: list[str], place: str) -> Iterator[Fetched | RowError]:
        at = created(row, key)
        item = self.writing.post(key, self.owner, at, row, text, self.notes.whole(text, at))
        if not item.searchable.strip():
            yield empty(place, "a post without words")
            return
        self.own.add(int(key))
        if item.reply_to and not self._mine(row):
            yield self.bare.deed(item.reply_to, Kind.REPLY, at)
        since = time_of(before[0]) if before and before[0].isdecimal() and len(before[0]) < 20 else at
        item = _edited(item, since) if since < at < since + _EDITABLE else item
        yield done(item, [self.owner], (Kind.AUTHORED, at), gone=[status(one) for one in before])

    def _mine(self, row: Json) -> bool:
        """Whether a post answers the owner's own."""
        number, name = word(row, "in_reply_to_user_id_str", "in_reply_to_user_id"), word(row, "in_reply_to_screen_name")
        return (bool(number) and number == word(self.account, "accountId")) or (
            f"https://x.com/{name.lower()}" == self.owner.uri
        )

    def deleted(self, entry: Json, place: str) -> Iterator[Fetched | RowError]:
        """A post that is no more."""
        yield Fetched(gone=(status(word(inner(entry, "tweet") or entry, "id_str", "id")),))

    def chosen(self, what: str, deed: Kind, entry: Json, place: str) -> Iterator[Fetched | RowError]:
        """What the owner liked or bookmarked; when is not told, so the time of the post stands for it."""
        row = inner(entry, what) or entry
        key, text = word(row, "tweetId"), word(row, "fullText")
        uri, at = status(key), time_of(key)
        if int(key) in self.own or not text.strip():
            yield self.bare.deed(uri, deed, at)
            return
        self.writing.learn([{"url": "", "expanded_url": word(row, "expandedUrl")}])
        author = self.writing.author_of(key)
        yield done(self.writing.post(key, author, at, row, text), [author], (deed, at))


def _edited(item: Item, since: datetime) -> Item:
    return replace(item, created_at=since, edited_at=item.created_at)
