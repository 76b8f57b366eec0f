"""The JSON of Bluesky's views → the nouns. Pure but for the clock it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.errors import SourceError
from memory.records import (
    Account,
    Counts,
    Evidence,
    Fetched,
    How,
    Item,
    Kind,
    Media,
    Reaction,
    Seen,
    Share,
    Visibility,
)
from tools.sources.answers import Json, count, dated, line, moment, rows, text, web_link
from tools.sources.feed_items import language_of
from tools.sources.unseen import tidy

Step = Fetched | SourceError

SITE: Final = "https://bsky.app"
_POST: Final = re.compile(r"at://(did:[a-z]+:[\w.:%-]+)/app\.bsky\.feed\.post/([\w.~-]+)")
_UNREADABLE: Final = (AttributeError, LookupError, TypeError, ValueError)
_SHY: Final = "!no-unauthenticated"  # asks that only those who are logged in see it


def is_own(row: Json, did: str) -> bool:
    """Whether a record is of the owner's own repository."""
    return text(row, "uri").startswith(f"at://{did}/")


@dataclass(frozen=True)
class Reading:
    """How one owner's views are read; ``did`` is the owner."""

    source: str
    did: str
    now: Callable[[], datetime]

    def mark(self, row: Json) -> str:
        """What a row of a feed is known by: the post, or who reposted it."""
        found, by = _POST.fullmatch(text(row, "post", "uri")), text(row, "reason", "by", "did")
        return f"{found[2]}{found[1][-8:]}{by[-8:]}" if found else ""

    def told(self, row: Json) -> Iterator[Step]:
        """A row of a feed: a post, a reply, or a repost; the owner's own as deeds."""
        try:
            post = row["post"]
            item, author = self._item(post)
            reposter = row["reason"]["by"] if "Repost" in text(row, "reason", "$type") else None
            quoted = self._quoted(post)
        except _UNREADABLE as error:
            yield self._unreadable(row.get("post"), error)
            return
        if reposter is not None:
            at = dated(moment(text(row, "reason", "indexedAt")), self.now())
            yield self._reposted(item, author, reposter, at)
        elif text(post, "author", "did") == self.did:
            yield self._authored(item, author, row)
        else:
            shares = [Share(author.uri, item.uri, item.created_at, How.REPLIED if item.reply_to else How.POSTED)]
            shares += [Share(author.uri, quoted[0].uri, item.created_at, How.QUOTED)] if quoted else []
            others = (quoted[1],) if quoted else ()
            yield Fetched(
                item=item, quoted=quoted[0] if quoted else None, accounts=(author, *others), shares=tuple(shares)
            )

    def liked(self, post: Json, at: datetime | None) -> Iterator[Step]:
        """A post that the owner liked, and when."""
        try:
            item, author = self._item(post)
        except _UNREADABLE as error:
            yield self._unreadable(post, error)
            return
        yield self._deed(item, author, Kind.LIKE, dated(at or item.created_at, self.now()))

    def _reposted(self, item: Item, author: Account, by: Json, at: datetime) -> Fetched:
        if text(by, "did") == self.did:
            return self._deed(item, author, Kind.BOOST, at)
        account = _account(by, followed=True)
        share = Share(account.uri, item.uri, at, How.BOOSTED)
        return Fetched(item=item, accounts=(author, account), shares=(share,))

    def _deed(self, item: Item, author: Account, kind: Kind, at: datetime) -> Fetched:
        seen = Seen("item", item.uri, at, Evidence.REACTED)
        return Fetched(
            item=item, accounts=(author,), reactions=(Reaction(kind, at, item.uri, self.source),), seen=(seen,)
        )

    def _authored(self, item: Item, author: Account, row: Json) -> Fetched:
        at = item.created_at
        reactions = [Reaction(Kind.AUTHORED, at, item.uri, self.source)]
        seen = [Seen("item", item.uri, at, Evidence.AUTHORED)]
        if item.reply_to:
            reactions.append(Reaction(Kind.REPLY, at, item.reply_to, self.source))
            seen.append(Seen("item", item.reply_to, at, Evidence.REPLIED))
        return Fetched(item=item, accounts=(author,), reactions=tuple(reactions), seen=tuple(seen))

    def _quoted(self, post: Json) -> tuple[Item, Account] | None:
        record = _embed(post).get("record")
        record = record.get("record", record) if isinstance(record, Mapping) else None
        if not isinstance(record, Mapping) or not _POST.fullmatch(text(record, "uri")) or "value" not in record:
            return None
        return self._item({**record, "record": record["value"]})

    def _item(self, post: Json) -> tuple[Item, Account]:
        found, record, author = _POST.fullmatch(text(post, "uri")), post["record"], _account(post["author"])
        if found is None or found[1] != text(post, "author", "did"):
            raise ValueError("it has no address of its author's")
        url = f"{SITE}/profile/{found[1]}/post/{found[2]}"
        made = moment(text(record, "createdAt")) or moment(text(post, "indexedAt"))
        if made is None:
            raise ValueError("it has no date")
        links, tags, mentions = _facets(record)
        card = web_link(text(_embed(post), "external", "uri"))
        quoted = self._quoted_uri(post)
        labels = {text(label, "val") for label in rows(post, "labels") if text(label, "val")[:1] not in ("", "!")}
        shy = any(text(label, "val") == _SHY for label in rows(post, "author", "labels"))
        item = Item(
            uri=text(post, "uri"),
            ref=text(post, "uri"),
            author=author.uri,
            created_at=dated(made, self.now()),
            text=tidy(text(record, "text")),
            url=url,
            source=self.source,
            title=line(_embed(post), "external", "title") if not text(record, "text").strip() else "",
            warning=", ".join(sorted(labels))[:100],
            language=language_of(next((one for one in record.get("langs") or () if isinstance(one, str)), "")),
            visibility=Visibility.FOLLOWERS if shy else Visibility.PUBLIC,
            reply_to=text(record, "reply", "parent", "uri"),
            quotes=quoted,
            links=tuple(dict.fromkeys([*links, *([card] if card else [])])),
            tags=tuple(tags),
            mentions=tuple(mentions),
            media=tuple(
                Media("image", line(image, "alt"), web_link(text(image, "fullsize"))) for image in _images(post)
            ),
            counts=Counts(count(post, "replyCount"), count(post, "repostCount"), count(post, "likeCount")),
            raw=record,
        )
        return item, author

    def _quoted_uri(self, post: Json) -> str:
        record = _embed(post).get("record")
        uri = text(record, "uri") or text(record, "record", "uri")
        return uri if _POST.fullmatch(uri) else ""

    def _unreadable(self, post: object, error: Exception) -> SourceError:
        return SourceError(f"Post {text(post, 'uri')[:120]!a} of Bluesky was left out: it cannot be read ({error}).")


def _account(row: Json, followed: bool | None = None) -> Account:
    """Somebody. Raises ValueError."""
    did, handle = text(row, "did"), line(row, "handle")
    if not re.fullmatch(r"did:[a-z]+:[\w.:%-]+", did):
        raise ValueError("its author has no DID")
    name, _, host = handle.partition(".") if "." in handle else (did.rpartition(":")[2][:20], "", "bsky.app")
    labels = {text(label, "val") for label in rows(row, "labels")}
    return Account(
        uri=did,
        handle=f"{name}@{host}",
        name=line(row, "displayName"),
        url=f"{SITE}/profile/{did}",
        bot="bot" in labels,
        followed=followed if followed is not None else bool(text(row, "viewer", "following")) or None,
    )


def _embed(post: Json) -> Json:
    """What hangs on a post: pictures, a card, a quote; with a quote and pictures, the pictures are inside."""
    embed = post.get("embed")
    if not isinstance(embed, Mapping):
        found = post.get("embeds")
        embed = found[0] if isinstance(found, list) and found and isinstance(found[0], Mapping) else {}
    media = embed.get("media")
    return {**embed, **media} if isinstance(media, Mapping) else embed


def _images(post: Json) -> list[Json]:
    return list(rows(_embed(post), "images"))


def _facets(record: Json) -> tuple[list[str], list[str], list[str]]:
    """Links and tags as the features of a text tell them, and who is mentioned, as written."""
    links, tags, mentions = list[str](), list[str](), list[str]()
    words = text(record, "text").encode()
    for facet in rows(record, "facets"):
        for feature in rows(facet, "features"):
            kind = text(feature, "$type").rpartition("#")[2]
            if kind == "link" and (link := web_link(text(feature, "uri"))):
                links.append(link)
            elif kind == "tag":
                tags.append(tidy(text(feature, "tag")).lower())
            elif kind == "mention":
                begin, end = count(facet, "index", "byteStart"), count(facet, "index", "byteEnd")
                name, _, host = words[begin:end].decode("utf-8", "replace").lstrip("@").partition(".")
                mentions += [f"{name}@{host}"] if host else []
    return links, tags, mentions
