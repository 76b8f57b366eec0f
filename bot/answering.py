"""What an answer looks like: sentences with their numbers, then what they cite, in as many messages as it takes. Pure.

Links come from stored items alone. What is cited is never cut in two: a message that is full ends before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agents.answer import Answer, Claim, Intent
from bot.channels.rendering import shorten
from bot.places import place_of
from bot.speaking import BREAK, Speaker
from memory.query import Hit
from memory.records import Item, Outgoing, Span
from memory.store.notes import NOTE, SOURCE

MOST_HITS: Final = 5  # that are an answer by themselves
MOST_NEAREST: Final = 5
LONGEST_ASKED: Final = 120
LONG_QUOTE: Final = 600  # where there is room
OWN_WORDS: Final = frozenset({Intent.WHY, Intent.SELF})
"""Answers to these tell what Magpie has counted: they hold no words of what they cite."""

ALT: Final = 200  # of a description
_WORD: Final = re.compile(r"\w+")
_LINK_LENGTH: Final = 23
_NUMBERED: Final = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_PARAGRAPH: Final = (BREAK, BREAK)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an answer that stands in one message. ``before`` parts it from what is before it there."""

    spans: tuple[Span, ...]
    before: tuple[Span, ...] = _PARAGRAPH
    about: tuple[str, ...] = ()  # Item.uri
    warning: str = ""

    @property
    def size(self) -> int:
        """Characters, about."""
        links = sum(max(len(span.url), _LINK_LENGTH) + 2 for span in self.spans if span.kind == "link")
        return links + sum(len(span.text) + 2 for span in (*self.before, *self.spans))


@dataclass(frozen=True)
class Answering:
    """Renders answers. ``room`` is how many characters one message holds; 0: as many as there are."""

    speaker: Speaker
    room: int = 0

    def messages(self, asked: str, answer: Answer, key: str, reply_to: str = "") -> list[Outgoing]:
        """The answer to what was ``asked``, in order; the first has the key, the others go on from it."""
        pages = _pages(list(self._blocks(_meant(asked, answer.understood.text), answer)), self.room)
        return [
            Outgoing(
                f"{key}/{number}" if number else key,
                _joined(page),
                warning=page[0].warning,
                reply_to=reply_to,
                language=answer.understood.language,
                about=tuple(dict.fromkeys(uri for block in page for uri in block.about)),
            )
            for number, page in enumerate(pages)
        ]

    def _blocks(self, asked: str, answer: Answer) -> Iterable[Block]:
        claims, cited = self._claims(answer)
        if claims or cited:
            yield from claims
            yield from (self._cited(n, hit, quote) for n, (hit, quote) in enumerate(cited, 1))
            yield from _looked_at(answer)
        elif answer.hits:
            yield _text(f"From your archive on “{asked}”:", ())
            yield from _looked_at(answer, (BREAK,))
            yield from (self._cited(number, hit) for number, hit in enumerate(answer.hits[:MOST_HITS], 1))
        elif answer.nearest or not answer.notes:
            yield _text(f"I found nothing about “{asked}” in your archive.", ())
            yield from _looked_at(answer, (BREAK,))
            if answer.nearest:
                yield _text("Nearest to it:")
            yield from (self._cited(number, hit) for number, hit in enumerate(answer.nearest[:MOST_NEAREST], 1))
        yield from map(_text, answer.notes)

    def _claims(self, answer: Answer) -> tuple[list[Block], list[tuple[Hit, str]]]:
        """Sentences, and what they cite, numbered anew from 1; what rests on words not to be told is not told."""
        numbers: dict[int, int] = {}
        blocks: list[Block] = []
        for claim in answer.claims:
            cites = [number for number in dict.fromkeys(claim.cites) if 0 < number <= len(answer.hits)]
            for number in cites:
                numbers.setdefault(number, len(numbers) + 1)
            items = [answer.hits[number - 1].item for number in cites]
            if answer.understood.intent in OWN_WORDS or all(self._is_told(item) for item in items):
                blocks.append(_sentence(claim, [numbers[number] for number in cites], items, not blocks))
        cited = [(answer.hits[number - 1], _quote(answer, number)) for number in numbers]
        return blocks, cited

    def _is_told(self, item: Item) -> bool:
        return self.speaker.told(item) is item

    def _cited(self, number: int, hit: Hit, quote: str = "") -> Block:
        """Number, date, author, quote, link."""
        item = self.speaker.told(hit.item)
        spans = [Span("text", f"[{number}] {self._date(item)}, "), *self._author(item)]
        if item.title:
            spans.append(Span("text", f": {item.title}"))
        if words := self._words(item, hit, quote):
            spans += [BREAK, Span("quote", words)]
        spans += self._pictures(item, hit)
        if item.source != SOURCE:
            spans += [BREAK, place_of(item, self.speaker.accounts)]
        return Block(tuple(spans), about=(item.uri,), warning=item.warning)

    def _author(self, item: Item) -> list[Span]:
        if item.source == SOURCE:
            return [Span("text", "a note of yours" if item.kind == NOTE else "you to me")]
        return self.speaker.author(item)

    def _date(self, item: Item) -> str:
        local = item.created_at.astimezone(self.speaker.zone)
        return f"{local.day} {local:%b %Y}"

    def _words(self, item: Item, hit: Hit, quote: str) -> str:
        if item is not hit.item:  # it may not be told
            return item.text
        words = quote or own_words(item, hit)
        longest = LONG_QUOTE if not self.room or self.room > 1000 else 280
        return self.speaker.quotable(replace(item, title="", text=words), longest)

    def _pictures(self, item: Item, hit: Hit) -> list[Span]:
        """Descriptions by which it was found, or that are all it has: they are no words of the text."""
        passage = hit.passage.text if hit.passage else ""
        shown = [media for media in item.media if media.alt and (media.alt in passage or not item.text.strip())]
        spans: list[Span] = []
        for media in shown[:2]:
            words = self.speaker.quotable(replace(item, title="", text=media.alt, links=()), ALT)
            spans += [BREAK, Span("text", f"[{media.kind}] {words}")]
        return spans


def own_words(item: Item, hit: Hit) -> str:
    """What of the passage stands in the text itself: no title, no warning, no description of a picture."""
    if hit.passage is None:
        return item.text
    begin = item.searchable.find(item.text)
    start, end = hit.passage.begin - begin, hit.passage.end - begin
    return item.text[max(start, 0) : max(end, 0)] if end > start else ""


def _meant(asked: str, understood: str) -> str:
    """The question as it was asked; where it goes on from another one, as it was understood."""
    said = _WORD.findall(asked.casefold())
    by_itself = set(_WORD.findall(understood.casefold())) <= set(said)
    return shorten(" ".join((asked if by_itself else understood).split()), LONGEST_ASKED)


def _text(words: str, before: tuple[Span, ...] = _PARAGRAPH) -> Block:
    return Block((Span("text", words),), before)


def _looked_at(answer: Answer, before: tuple[Span, ...] = _PARAGRAPH) -> list[Block]:
    """What was understood, where that narrows the search."""
    return [_text(f"Looked at: {', '.join(answer.understood.filtered)}.", before)] if answer.understood.filtered else []


def _sentence(claim: Claim, numbers: Sequence[int], items: Sequence[Item], first: bool) -> Block:
    words = _NUMBERED.sub("", claim.text).strip()
    marks = "".join(f" [{number}]" for number in sorted(numbers))
    warning = ", ".join(dict.fromkeys(item.warning for item in items if item.warning))
    spans = (Span("text", f"{words}{marks}"),)
    return Block(spans, () if first else (BREAK,), tuple(item.uri for item in items), warning)


def _quote(answer: Answer, number: int) -> str:
    """The words of a hit that bear out what is said."""
    words = answer.hits[number - 1].item.text
    quotes = (quote for claim in answer.claims if number in claim.cites for quote in claim.quotes)
    return next((quote for quote in quotes if quote and quote in words), "")


def _pages(blocks: Sequence[Block], room: int) -> list[list[Block]]:
    """Blocks, in order, as they share messages: within the room, and none behind the warning of another."""
    pages: list[list[Block]] = []
    for block in blocks:
        full = bool(pages and room) and sum(one.size for one in pages[-1]) + block.size > room
        if not pages or full or pages[-1][0].warning != block.warning:
            pages.append([])
        pages[-1].append(block)
    return pages


def _joined(page: Sequence[Block]) -> tuple[Span, ...]:
    return page[0].spans + tuple(span for block in page[1:] for span in (*block.before, *block.spans))
