"""Public Telegram channels as a source, by the preview pages that Telegram shows to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.errors import ConfigError, SourceError
from memory.records import Account, Cursor, Fetched, Item, Media
from tools.sources.answers import dated, good, moment, web_link
from tools.sources.feed_items import posted
from tools.sources.feed_walk import Step, now
from tools.sources.options import Options
from tools.sources.prose import plain
from tools.sources.unseen import tidy
from tools.web import Api, AwayError, GuardedWeb

SITE: Final = "https://t.me"
_NAME: Final = re.compile(r"(?:https?://t\.me/(?:s/)?|@)?([A-Za-z]\w{3,31})/?")
_POST: Final = re.compile(r"[A-Za-z]\w{3,31}/(\d{1,12})")
_TAG: Final = re.compile(r"(?<!\w)#([^\W_]\w{0,60})")
_BACKGROUND: Final = re.compile(r"url\(['\"]?(https?://[^'\")]+)")


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> TelegramChannelSource:
    """The public ``channels`` by name; ``pages`` of about 20 posts are read at most at a time. Raises ConfigError."""
    options = Options.of("telegram_channel", settings, "channels", "pages")
    options.need("channels")
    names = []
    for given in options.words("channels"):
        found = _NAME.fullmatch(given)
        if found is None:
            raise ConfigError(f"The source telegram_channel knows no channel {given!r}: give its name, such as durov.")
        names.append(found[1])
    return TelegramChannelSource(
        options.name, tuple(names), options.number("pages", 5, 1, 50), GuardedWeb(options.allow, fresh=0.0)
    )


@dataclass(frozen=True)
class TelegramChannelSource:
    """Each channel is an account that is followed. A channel without a preview page cannot be read."""

    name: str
    channels: tuple[str, ...]
    pages: int = 5
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """What is new in each channel, oldest first."""
        for channel in self.channels:
            mark = (cursor or {}).get(channel, "")
            try:
                yield from self._read(channel, int(mark) if mark.isdecimal() else 0)
            except AwayError as error:
                yield error
                return
            except SourceError as error:
                yield error

    def _read(self, channel: str, mark: int) -> Iterator[Step]:
        """From the newest page backwards to the mark; the first time, only the newest page."""
        found: dict[int, LexborNode] = {}
        account, before = None, 0
        for _ in range(self.pages if mark else 1):
            url = f"{SITE}/s/{channel}" + (f"?before={before}" if before else "")
            page = good(self.web.get(url), f"the channel {channel}")
            tree = LexborHTMLParser(page.text)
            account = account or _account(channel, tree)
            new = {n: node for node in tree.css(".tgme_widget_message[data-post]") if (n := _number(node)) > mark}
            if not new and not found and not mark:
                raise SourceError(f"t.me shows no posts of {channel}: it is private, or has no preview page.")
            found |= new
            if not new or min(new) <= mark + 1:
                break
            before = min(new)
        for number in sorted(found):
            yield self._told(channel, number, found[number], account or Account(f"{SITE}/{channel}", f"{channel}@t.me"))
        yield Fetched(cursor={channel: str(max([mark, *found]))}, accounts=(account,) if account else ())

    def _told(self, channel: str, number: int, node: LexborNode, account: Account) -> Step:
        try:
            item = _item(channel, number, node, self.name, self.now())
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            return SourceError(f"Post {number} of {channel} on Telegram was left out: it cannot be read ({error}).")
        return posted(item, account) if item.searchable or item.links else Fetched()


def _number(node: LexborNode) -> int:
    found = _POST.fullmatch(node.attributes.get("data-post") or "")
    return int(found[1]) if found else 0


def _account(channel: str, tree: LexborHTMLParser) -> Account:
    title = tree.css_first(".tgme_channel_info_header_title")
    name = tidy(title.text(strip=True)) if title else ""
    url = f"{SITE}/{channel}"
    return Account(url, f"{channel}@t.me", name or channel, url, followed=True)


def _item(channel: str, number: int, node: LexborNode, source: str, at: datetime) -> Item:
    made = next((moment(t.attributes.get("datetime")) for t in node.css("time[datetime]")), None)
    if made is None:
        raise ValueError("it has no date")
    words = node.css_first(".tgme_widget_message_text.js-message_text") or node.css_first(".tgme_widget_message_text")
    prose = plain(words.html or "" if words else "")
    preview = node.css_first("a.tgme_widget_message_link_preview")
    card = web_link(preview.attributes.get("href") or "") if preview else ""
    page = f"{SITE}/{channel}/{number}"
    poll = [tidy(option.text(strip=True)) for option in node.css(".tgme_widget_message_poll_option_text")]
    return Item(
        uri=page,
        ref=page,
        author=f"{SITE}/{channel}",
        created_at=dated(made, at),
        text=prose.text,
        url=page,
        source=source,
        links=tuple(
            dict.fromkeys([*(web_link(link) for link in prose.links if web_link(link)), *([card] if card else [])])
        ),
        tags=tuple(dict.fromkeys(tag.lower() for tag in _TAG.findall(prose.text))),
        media=tuple(_media(node)),
        poll=tuple(option for option in poll if option),
        raw={"html": (words.html or "")[:20_000] if words else "", "post": node.attributes.get("data-post")},
    )


def _media(node: LexborNode) -> Iterator[Media]:
    for photo in node.css(".tgme_widget_message_photo_wrap")[:10]:
        found = _BACKGROUND.search(photo.attributes.get("style") or "")
        yield Media("image", "", web_link(found[1]) if found else "")
