"""What Telegram makes of a text: its HTML taken apart, its entities counted in UTF-16, and what it finds by itself."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final

Entity = dict[str, Any]

_SIMPLE: Final = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    **{"code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote"},
}
_ALONE: Final = {"code", "pre"}  # they hold nothing and are part of nothing
_STYLES: Final = {"bold", "italic", "underline", "strikethrough", "spoiler"}
_TAG: Final = re.compile(r"""<(?P<end>/?)(?P<name>[^\s>]*)(?P<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE: Final = re.compile(r"""\s+([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>]+))?""")
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|lt|gt|amp|quot);")
_LINK: Final = re.compile(r"(?:https?|ftp|tg|ton)://[^\s]+|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_FOUND: Final = {
    "url": re.compile(
        r"(?:https?://[^\s<>\"]*|(?<![\w@/.-])(?:[\w-]+\.)+(?:app|com|de|dev|example|fr|io|me|net|org|social|uk)\b"
        r"(?:/[^\s<>\"]*)?)(?<![.,;:!?)\]'»”])"
    ),
    "mention": re.compile(r"(?<![\w@/])@[A-Za-z]\w{2,31}\b"),
    "bot_command": re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])"),
    "hashtag": re.compile(r"(?<![\w#/])#(?!\d+\b)\w{1,256}"),
}
_CONTROL: Final = re.compile(r"[\x00-\x08\x09\x0b-\x1f]")
_DROPPED: Final = re.compile("[\r\u2028-\u202e]")
_UNSEEN: Final = re.compile("[\\s\u00ad\u200b-\u200f\u2060-\u206f\ufeff]+")


class MarkupError(ValueError):
    """The markup is refused; the words are Telegram's, and name the offset in bytes."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as it is shown, its entities (offsets in UTF-16 units), and what a stricter reader would refuse."""

    text: str
    entities: list[Entity] = field(default_factory=list)
    sloppy: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    kind: str
    more: Entity
    start: int  # in UTF-16 units


def utf16(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le")) // 2


def nothing_to_see(text: str) -> bool:
    """Whether a text has no sign that shows."""
    return not _UNSEEN.sub("", text)


def plain(text: str) -> Marked:
    """A text without markup."""
    return _finished(text, [], [])


def parse_html(source: str) -> Marked:
    """A text in Telegram's HTML. Raises MarkupError."""
    return _Html(source).parse()


@dataclass
class _Html:
    source: str
    out: list[str] = field(default_factory=list)
    length: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    sloppy: list[str] = field(default_factory=list)

    def parse(self) -> Marked:
        place = 0
        while place < len(self.source):
            sign = self.source[place]
            if sign == "<":
                place = self._tag(place)
            elif sign == "&" and (found := _REFERENCE.match(self.source, place)):
                self._write(html.unescape(found[0]))
                place = found.end()
            else:
                if sign in "&>":
                    self.sloppy.append(f"{sign!r} at {place} is neither part of a tag nor escaped")
                self._write(sign)
                place += 1
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return _finished("".join(self.out), self.entities, self.sloppy)

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16(text)

    def _at(self, place: int) -> str:
        return f"at byte offset {len(self.source[:place].encode())}"

    def _tag(self, place: int) -> int:
        found = _TAG.match(self.source, place)
        if found is None:
            which = "end" if self.source.startswith("</", place) else "start"
            raise MarkupError(f"Unclosed {which} tag {self._at(place)}")
        name = found["name"].lower()
        if found["end"]:
            self._close(name, place)
        else:
            self._begin(name, self._attributes(name, found["rest"], place), place)
        return found.end()

    def _attributes(self, name: str, written: str, place: int) -> dict[str, str]:
        rest = written.rstrip()
        if _ATTRIBUTE.sub("", rest):
            raise MarkupError(
                f'Expected equal sign in declaration of an attribute of the tag "{name}" {self._at(place)}'
            )
        return {key.lower(): html.unescape(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(rest)}

    def _begin(self, name: str, given: dict[str, str], place: int) -> None:
        if name not in _SIMPLE:
            raise MarkupError(f'Unsupported start tag "{name}" {self._at(place)}')
        if name == "span" and given.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" {self._at(place)}')
        kind, more = _SIMPLE[name], Entity()
        if name == "a":
            more = {"url": given.get("href", "")}
        elif name == "blockquote" and "expandable" in given:
            kind = "expandable_blockquote"
        elif name == "code" and given.get("class", "").startswith("language-"):
            more = {"language": given["class"].removeprefix("language-")}
        self._check_nesting(kind, name, place)
        self.open.append(_Open(name, kind, more, self.length))

    def _check_nesting(self, kind: str, name: str, place: int) -> None:
        outer = [one.kind for one in self.open]
        if name == "code" and outer == ["pre"]:
            return
        quotes = {"blockquote", "expandable_blockquote"}
        wrong = bool(_ALONE & {*outer}) or (bool(outer) and kind in _ALONE)
        wrong = wrong or (kind in quotes and bool(quotes & {*outer})) or (kind == "text_link" and kind in outer)
        if wrong:
            self.sloppy.append(f"<{name}> {self._at(place)} may not stand within {outer}")

    def _close(self, name: str, place: int) -> None:
        if not self.open:
            raise MarkupError(f"Unexpected end tag {self._at(place)}")
        ended = self.open.pop()
        if ended.tag != name:
            raise MarkupError(f'Unmatched end tag {self._at(place)}, expected "</{ended.tag}>", found "</{name}>"')
        if self.length == ended.start:
            return
        if ended.kind == "text_link" and not _LINK.match(ended.more["url"]):
            self.sloppy.append(f"the address {ended.more['url']!r} makes no link")
            return
        if ended.tag == "code" and [one.kind for one in self.open] == ["pre"]:
            self.open[-1].more.update(ended.more)
            return
        self.entities.append(
            {"type": ended.kind, "offset": ended.start, "length": self.length - ended.start, **ended.more}
        )


def _finished(text: str, entities: list[Entity], sloppy: list[str]) -> Marked:
    """Control signs go, and so does white space at both ends, as far as it carries no entity of its own."""
    units = text.encode("utf-16-le")
    if _DROPPED.search(text):
        entities = [_without(entity, units) for entity in entities]
        text = _DROPPED.sub("", text)
    text = _CONTROL.sub(" ", text)
    left = len(text) - len(text.lstrip())
    text, whole = text.strip(), utf16(text.strip())
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - left)
        end = min(whole, entity["offset"] + entity["length"] - left)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return Marked(text, _sorted(kept + _detected(text, kept)), sloppy)


def _without(entity: Entity, units: bytes) -> Entity:
    """The same entity in the text that has lost the signs that are dropped."""
    start, end = entity["offset"], entity["offset"] + entity["length"]
    before = units[: 2 * start].decode("utf-16-le")
    within = units[2 * start : 2 * end].decode("utf-16-le")
    return {**entity, "offset": utf16(_DROPPED.sub("", before)), "length": utf16(_DROPPED.sub("", within))}


def _detected(text: str, known: list[Entity]) -> list[Entity]:
    """Addresses, mentions, commands and hashtags that nobody has marked."""
    taken = [(e["offset"], e["offset"] + e["length"]) for e in known if e["type"] not in _STYLES | {"blockquote"}]
    found: list[Entity] = []
    for kind, pattern in _FOUND.items():
        for match in pattern.finditer(text):
            start, length = utf16(text[: match.start()]), utf16(match[0])
            if all(start + length <= first or start >= last for first, last in taken):
                taken.append((start, start + length))
                found.append({"type": kind, "offset": start, "length": length})
    return found


def _sorted(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
