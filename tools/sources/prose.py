"""The HTML of a post → clean text. Pure, and deaf to anything a post may try: it never raises."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tools.sources.unseen import KEPT, LONGEST, one_blank, seen, tidied, trimmed

_SILENT: Final = {
    *("script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math"),
    *("textarea", "select", "button", "audio", "video"),
}
_BLOCKS: Final = {
    *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer"),
    *("table", "figure", "dl", "pre"),
}
_LINES: Final = {"tr", "dt", "dd", "figcaption", "summary", "details"}
_DEEPEST: Final = 24  # levels; what nests deeper is somebody's joke, and is read without its form
_QUOTED_AT: Final = re.compile(r"(?:\A|\n)[ \t]*RE: (https?://\S+)[ \t]*(?=\Z|\n)")


@dataclass(frozen=True, slots=True)
class Prose:
    """Clean text, and what it points at: hrefs as written, tags in lower case without #, handles as name@host.

    ``marks`` are the hrefs behind the tags and mentions, which are no links to anything one would read.
    """

    text: str = ""
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def plain(html: str, *, people: Mapping[str, str] | None = None, quoting: bool = False) -> Prose:
    """Turn a post's HTML into text; a plain text comes through as it is.

    ``people`` maps the href of a mention to its name@host. With ``quoting`` the line "RE: https://…", which servers add
    for readers that know no quotes, is dropped.
    """
    body = LexborHTMLParser(seen(html[:LONGEST])).body
    if body is None:
        return Prose()
    writer = _Writer(people or {}, quoting)
    writer.write(body)
    text = tidied("".join(part for part in writer.parts if not isinstance(part, _Hidden)))
    links = _once(writer.links)
    if quoting and (fallback := _fallback(text)):
        text = (text[: fallback.start()] + text[fallback.end() :]).strip()
        links = tuple(link for link in links if not same_address(link, fallback[1]))
    return Prose(text, links, _once(writer.tags), _once(writer.mentions), _once(writer.marks))


def same_address(one: str, other: str) -> bool:
    """Whether two addresses differ at most in scheme, www., escapes, letter case or a closing slash."""
    return _bare(one) == _bare(other)


class _Hidden(str):
    """Text that readers do not see: the cut-off ends of a shortened link."""

    __slots__ = ()


class _Writer:
    """Walks the tree without recursion (a post may nest as deep as it likes) and collects parts of text."""

    def __init__(self, people: Mapping[str, str], quoting: bool) -> None:
        self.people = {_profile(href): handle for href, handle in people.items()}
        self.quoting = quoting
        self.parts: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.mentions: list[str] = []
        self.marks: list[str] = []
        self._pre = 0
        self._hidden = 0
        self._depth = 0
        self._entries: Counter[int] = Counter()

    def write(self, body: LexborNode) -> None:
        stack: list[tuple[LexborNode, int | None]] = [(child, None) for child in _children_backwards(body)]
        while stack:
            node, start = stack.pop()
            if start is not None:
                self._end(node, start)
            elif node.tag == "-text":
                self._say(node.text_content or "")
            elif not self._dropped(node):
                stack.append((node, len(self.parts)))
                self._begin(node)
                stack.extend((child, None) for child in _children_backwards(node))

    def _dropped(self, node: LexborNode) -> bool:
        tag = node.tag or "-"
        return tag in _SILENT or tag.startswith("-") or (self.quoting and "quote-inline" in _classes(node))

    def _say(self, text: str) -> None:
        text = text.replace("\t", "    ").replace(" ", KEPT) if self._pre else one_blank(text)
        self.parts.append(_Hidden(text) if self._hidden else text)

    def _begin(self, node: LexborNode) -> None:
        self._depth += 1
        match node.tag:
            case "br":
                self.parts.append("\n")
            case "hr":
                self.parts.append("\n\n")
            case "img":
                self.parts.append(node.attributes.get("alt") or "")
            case "pre":
                self._pre += 1
            case "span" if "invisible" in _classes(node):
                self._hidden += 1

    def _end(self, node: LexborNode, start: int) -> None:
        self._depth -= 1
        match node.tag:
            case "a":
                self._anchor(node, start)
            case "blockquote":
                self._block(start, _quoted)
            case "ul" | "ol":
                self._block(start, _close_up)
            case "li":
                self._block(start, partial(_listed, sign=self._sign(node)))
            case "td" | "th":
                self.parts.append(" ")
            case "span" if "invisible" in _classes(node):
                self._hidden -= 1
            case tag if tag in _BLOCKS:
                self._pre -= tag == "pre"
                self._block(start)
            case tag if tag in _LINES:
                self._block(start, around="\n")

    def _take(self, start: int) -> tuple[str, str]:
        """Take back what was written since ``start``: all of it, and what readers see of it."""
        taken = self.parts[start:]
        del self.parts[start:]
        return "".join(taken), "".join(part for part in taken if not isinstance(part, _Hidden))

    def _sign(self, entry: LexborNode) -> str:
        """What stands before an entry of a list: its number, or a dash."""
        if entry.parent is None or entry.parent.tag != "ol":
            return "- "
        self._entries[entry.parent.mem_id] += 1
        return f"{self._entries[entry.parent.mem_id]}. "

    def _block(self, start: int, form: Callable[[str], str] = str, around: str = "\n\n") -> None:
        if self._depth > _DEEPEST:
            self.parts.append("\n")
            return
        _, text = self._take(start)
        self.parts.append(around + form(trimmed(text)) + around)

    def _anchor(self, node: LexborNode, start: int) -> None:
        full, shown = (" ".join(text.split()) for text in self._take(start))
        href = "".join((node.attributes.get("href") or "").split())
        if _is_hashtag(node, shown, href):
            self._hashtag(shown)
        elif _profile(href) in self.people or "mention" in _classes(node) or _is_mention(shown, href):
            self._mention(shown, href)
        else:
            self._link(full, shown, href)
            return
        self.marks.append(href)

    def _hashtag(self, shown: str) -> None:
        name = shown.lstrip("#").strip()
        if name:
            self.tags.append(unicodedata.normalize("NFC", name).lower())
        self._mark("#", name)

    def _mention(self, shown: str, href: str) -> None:
        handle = self.people.get(_profile(href)) or shown.lstrip("@").strip()
        host = _host(href)
        if handle and "@" not in handle and host:
            handle = f"{handle}@{host}"
        if "@" in handle:
            self.mentions.append(handle)
        self._mark("@", handle)

    def _mark(self, sign: str, name: str) -> None:
        # Friendica writes the sign before the link instead of in it.
        written = self.parts and self.parts[-1].endswith(sign)
        self.parts.append(name if written or not name else sign + name)

    def _link(self, full: str, shown: str, href: str) -> None:
        if not href.lower().startswith(("http://", "https://")) or not _host(href):
            self.parts.append(shown)
            return
        self.links.append(href)
        self.parts.append(href if not shown or _is_address(full, shown, href) else f"{shown} ({href})")


def _close_up(text: str) -> str:
    return re.sub(r"\n{2,}", "\n", text)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in _close_up(text).split("\n"))


def _listed(text: str, sign: str) -> str:
    return sign + _close_up(text).replace("\n", "\n" + KEPT * 2)


def _children_backwards(node: LexborNode) -> Iterator[LexborNode]:
    child = node.last_child
    while child is not None:
        yield child
        child = child.prev


def _classes(node: LexborNode) -> frozenset[str]:
    return frozenset((node.attributes.get("class") or "").split())


def _host(href: str) -> str:
    try:
        return urlsplit(href).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _last(href: str) -> str:
    """What an address ends with, without the @ of a profile."""
    return unquote(href).rstrip("/").rpartition("/")[2].lstrip("@").casefold()


def _profile(href: str) -> str:
    """The same for https://host/@name and https://host/users/name."""
    return f"{_host(href)} {_last(href)}"


def _is_hashtag(node: LexborNode, shown: str, href: str) -> bool:
    """Marked as one, or written like one and leading to a page of that name."""
    if "hashtag" in _classes(node):
        return True
    return shown.startswith("#") and (node.attributes.get("rel") == "tag" or _last(href) == shown[1:].casefold())


def _is_mention(shown: str, href: str) -> bool:
    """For servers that do not mark their mentions: "@name", leading to a profile of that name."""
    name = shown[1:].partition("@")[0].casefold()
    return shown.startswith("@") and name != "" and _last(href).partition("@")[0] == name


def _is_address(full: str, shown: str, href: str) -> bool:
    if same_address(full, href):
        return True
    begin = shown.removesuffix("…").removesuffix("...")
    return begin != shown and "." in begin and _bare(href).startswith(_bare(begin))


def _bare(address: str) -> str:
    address = unicodedata.normalize("NFC", unquote(address)).strip().casefold()
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip("/")


def _fallback(text: str) -> re.Match[str] | None:
    found = list(_QUOTED_AT.finditer(text))
    return found[-1] if found and (found[-1].start() == 0 or found[-1].end() == len(text)) else None


def _once(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean for value in values if (clean := seen(value))))
