"""The JSON of Mastodon and its relatives → the nouns. Pure: no network, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from config.errors import SourceError
from memory.records import (
    Account,
    Consent,
    Counts,
    Evidence,
    Fetched,
    How,
    Item,
    Kind,
    Media,
    Reaction,
    Rule,
    Seen,
    Share,
    Visibility,
)
from tools.sources.answers import Json, rows, text
from tools.sources.prose import Prose, plain, same_address
from tools.sources.unseen import tidy

_VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
_FLAGS: Final = {"favourited": Kind.LIKE, "bookmarked": Kind.BOOKMARK, "reblogged": Kind.BOOST}
_ASKS: Final = {
    "nobot": Consent.NOBOT,
    "nobots": Consent.NOBOT,
    "noindex": Consent.NOINDEX,
    "noai": Consent.NOAI,
    "noml": Consent.NOAI,
}
_ASKED: Final = re.compile(rf"(?<!\w)#({'|'.join(_ASKS)})(?!\w)", re.IGNORECASE)
_POINTERS: Final = re.compile(r"https?://\S+|(?<!\w)[#@][\w@.\-]+")


def parse_status(
    status: Json, *, source: str, base_url: str, reacted: Mapping[Kind, datetime | None] | None = None
) -> Fetched:
    """One status, boost, reply or quote as an item with its accounts, shares, reactions and evidence; no cursor.

    Dates are ISO strings or datetimes. ``reacted`` tells what the owner is known to have done with it, and when (None:
    not known); otherwise the status's own flags say so, with its created_at for want of anything better. What one of
    the owner's filters hides comes back without an item. Raises SourceError that names the status.
    """
    try:
        return _Reading(source, base_url).read(status, reacted or {})
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        number = status.get("id", "without id") if isinstance(status, Mapping) else "without id"
        raise SourceError(
            f"Post {number} of {_host(base_url)} was left out: its JSON cannot be read ({type(error).__name__})."
        ) from error


def parse_account(account: Json, *, base_url: str, followed: bool | None = None) -> Account:
    """An account with what it asks of machines, by tags in its profile or by ``noindex``.

    ``indexable: false`` is no such request: it is the default of nearly every account, speaks of public search engines,
    and Magpie only ever serves one person who is shown the post anyway.
    """
    url = text(account, "url")
    return Account(
        uri=text(account, "uri") or url or _need(account, "id"),
        handle=_handle(account, base_url),
        name=tidy(text(account, "display_name")),
        url=url,
        bot=bool(account.get("bot")),
        followers=_number(account, "followers_count"),
        followed=followed,
        asks=_asks(account),
    )


def parse_filter(filter_: Json) -> tuple[Rule, ...]:
    """The phrases of one filter (v2 or v1) that speaks of the home or public timeline."""
    if not {"home", "public"} & set(filter_.get("context") or ()) or filter_.get("filter_action") == "blur":
        return ()
    until = instant(filter_["expires_at"]) if filter_.get("expires_at") else None
    phrases = [(text(row, "keyword"), row.get("whole_word")) for row in rows(filter_, "keywords")]
    phrases.append((text(filter_, "phrase"), filter_.get("whole_word")))
    return tuple(Rule("word", tidy(phrase), until, bool(whole)) for phrase, whole in phrases if tidy(phrase))


class _Reading:
    """How one server's statuses are read."""

    def __init__(self, source: str, base_url: str) -> None:
        self.source, self.base_url = source, base_url

    def read(self, outer: Json, reacted: Mapping[Kind, datetime | None]) -> Fetched:
        status = outer["reblog"] if isinstance(outer.get("reblog"), Mapping) else outer
        if _hidden(outer) or _hidden(status):
            return Fetched()
        item, quoted = self._item(status), None
        accounts = [outer["account"], status["account"]]
        if (quote := _quote(status)) is not None and not _hidden(quote):
            quoted = self._item(quote)
            accounts.append(quote["account"])
        reactions = tuple(self._reactions(status, item, reacted))
        return Fetched(
            item=item,
            quoted=quoted,
            accounts=tuple({a.uri: a for a in (parse_account(a, base_url=self.base_url) for a in accounts)}.values()),
            shares=tuple(self._shares(outer, status, item, quoted)),
            reactions=reactions,
            seen=tuple(Seen("item", item.uri, reaction.at, Evidence.REACTED) for reaction in reactions[:1]),
        )

    def _ref(self, number: str) -> str:
        return f"{self.base_url}#{number}" if number else ""

    def _shares(self, outer: Json, status: Json, item: Item, quoted: Item | None) -> Iterator[Share]:
        ref = self._ref(_need(outer, "id"))
        if outer is not status:
            yield Share(_author(outer), item.uri, instant(outer["created_at"]), How.BOOSTED, ref)
            return
        yield Share(item.author, item.uri, item.created_at, How.REPLIED if item.reply_to else How.POSTED, ref)
        if quoted:
            yield Share(item.author, quoted.uri, item.created_at, How.QUOTED, ref)

    def _reactions(self, status: Json, item: Item, reacted: Mapping[Kind, datetime | None]) -> Iterator[Reaction]:
        flags = {kind: None for flag, kind in _FLAGS.items() if status.get(flag) is True}
        for kind, at in {**flags, **reacted}.items():
            yield Reaction(kind, at or item.created_at, item.uri, self.source)

    def _item(self, status: Json) -> Item:
        quote = _quote(status)
        people = {text(m, "url"): _handle(m, self.base_url) for m in rows(status, "mentions")}
        prose = plain(text(status, "content"), people=people, quoting=quote is not None)
        url = text(status, "url")
        return Item(
            uri=text(status, "uri") or url or self._ref(_need(status, "id")),
            ref=self._ref(_need(status, "id")),
            author=_author(status),
            created_at=instant(status["created_at"]),
            text=prose.text,
            url=url,
            source=self.source,
            title=_card_title(status, prose),
            warning=tidy(text(status, "spoiler_text")),
            language=text(status, "language"),
            visibility=_VISIBILITIES.get(text(status, "visibility"), Visibility.FOLLOWERS),
            edited_at=instant(status["edited_at"]) if status.get("edited_at") else None,
            reply_to=self._ref(text(status, "in_reply_to_id")),
            quotes=text(quote, "uri") or text(quote, "url") if quote else "",
            links=_links(status, prose),
            tags=_tags(status, prose),
            mentions=tuple(dict.fromkeys([*prose.mentions, *people.values()])),
            media=tuple(_media(row) for row in rows(status, "media_attachments")),
            poll=tuple(tidy(text(row, "title")) for row in rows(status.get("poll"), "options")),
            counts=Counts(*(_number(status, f"{what}_count") for what in ("replies", "reblogs", "favourites"))),
            raw=_own_json(status),
        )


def _own_json(status: Json) -> Json:
    """The JSON without posts of others within it: they have ways, and wishes, of their own."""
    return {key: value for key, value in status.items() if key not in ("quote", "reblog", "pleroma")}


def _media(row: Json) -> Media:
    return Media(text(row, "type"), tidy(text(row, "description")), text(row, "url") or text(row, "remote_url"))


def _quote(status: Json) -> Json | None:
    """The status that this one quotes: inside a quote object (Mastodon), or bare (Fedibird, Pleroma)."""
    for quote in (status.get("quote"), (status.get("pleroma") or {}).get("quote")):
        if isinstance(quote, Mapping):
            inner = quote.get("quoted_status", quote)
            if isinstance(inner, Mapping) and "account" in inner and quote.get("state", "accepted") == "accepted":
                return inner
    return None


def _hidden(status: Json) -> bool:
    return any((row.get("filter") or {}).get("filter_action") == "hide" for row in rows(status, "filtered"))


def _links(status: Json, prose: Prose) -> tuple[str, ...]:
    card = text(status.get("card"), "url")
    if not card or any(same_address(card, known) for known in prose.links + prose.marks):
        return prose.links
    return (*prose.links, card)


def _tags(status: Json, prose: Prose) -> tuple[str, ...]:
    """Those in the text as written, then what else the server knows; its names may be without accents."""
    known = {_folded(tag) for tag in prose.tags}
    others = (tidy(text(row, "name")).lower() for row in rows(status, "tags"))
    return tuple(dict.fromkeys([*prose.tags, *(tag for tag in others if tag and _folded(tag) not in known)]))


def _folded(tag: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", tag) if not unicodedata.combining(sign))


def _card_title(status: Json, prose: Prose) -> str:
    """What the link is called, for a post that says nothing but the link."""
    return "" if re.search(r"\w", _POINTERS.sub("", prose.text)) else tidy(text(status.get("card"), "title"))


def _asks(account: Json) -> frozenset[Consent]:
    fields = (f"{text(row, 'name')} {text(row, 'value')}" for row in rows(account, "fields"))
    profile = " <br>".join((text(account, "note"), *fields))
    asks = {Consent.NOINDEX} if account.get("noindex") is True else set()
    if "#" in profile and any(word in profile.lower() for word in _ASKS):
        asks |= {_ASKS[tag.lower()] for tag in _ASKED.findall(plain(profile).text)}
    return frozenset(asks)


def _author(status: Json) -> str:
    account = status["account"]
    return text(account, "uri") or text(account, "url") or _need(account, "id")


def _handle(account: Json, base_url: str) -> str:
    """name@host; servers leave the host out for their own people."""
    name = text(account, "acct") or text(account, "username")
    return name if "@" in name else f"{name}@{_host(text(account, 'url')) or _host(base_url)}"


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def instant(value: object) -> datetime:
    """A datetime or an ISO string as an instant in UTC; what names no zone is taken to be in it. Raises ValueError."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _need(row: Json, key: str) -> str:
    if value := text(row, key):
        return value
    raise KeyError(key)


def _number(row: Json, key: str) -> int:
    value = row.get(key)
    return value if isinstance(value, int) and value > 0 else 0
