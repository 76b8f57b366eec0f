"""What is believed of the owner's taste, as one message: as much of it as there is room for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agents.answer import Answer, Claim
from agents.answering.liking import CORRECTED, FURTHER
from agents.extract import lead_sentence
from bot.channels.rendering import quiet
from bot.places import place_of
from bot.speaking import BREAK, Speaker, hinted, say
from memory.records import Item, Outgoing, Span

LONGEST: Final = 60  # characters of a post that is an example
SHORT: Final = 40  # the same where there is little room
ROOMY: Final = 1000
OWN_WORDS: Final = frozenset({CORRECTED, FURTHER})
"""What has no word of anybody else's in it, so that its commands may be tapped."""

_LINK_LENGTH: Final = 23
_BETWEEN: Final = Span("text", " ")


@dataclass(frozen=True)
class Portrait:
    """Says it. ``room`` is how many characters a message holds; 0: as many as there are.

    Of the lowest ranks as many sentences are said as fit, with an example for the first; then further examples.
    """

    speaker: Speaker
    room: int = 0

    def message(self, answer: Answer, key: str, reply_to: str = "") -> Outgoing:
        """The sentences in their order, those of Magpie's own with commands that can be tapped."""
        shown = self._shown(answer)
        spans: list[Span | str] = []
        about: list[str] = []
        for place, claim in enumerate(answer.claims):
            if place not in shown:
                continue
            spans += [BREAK] * bool(spans) + [BREAK] * (bool(spans) and place == len(answer.claims) - 1)
            spans += self._line(answer, claim, shown[place])
            about += [answer.hits[number - 1].item.uri for number in claim.cites[: shown[place]]]
        return say(key, *spans, reply_to=reply_to, language=answer.understood.language, about=dict.fromkeys(about))

    def _shown(self, answer: Answer) -> dict[int, int]:
        """Which claims are said, by their place, and with how many examples; none before a weightier one."""
        claims = answer.claims
        ranked = sorted(range(len(claims)), key=lambda place: (claims[place].rank, place))
        shown = {place: 0 for place in ranked if not claims[place].rank}
        for place in ranked:
            if place not in shown and not self._fits(answer, shown := {**shown, place: _fewest(claims[place])}):
                del shown[place]
                break
            if not any(shown.values()):
                shown = self._more(answer, shown, place, 1)
        for count in range(1, max((len(claim.cites) for claim in claims), default=0) + 1):
            for place in [place for place in ranked if place in shown]:
                shown = self._more(answer, shown, place, count)
        return shown

    def _more(self, answer: Answer, shown: dict[int, int], place: int, count: int) -> dict[int, int]:
        """The same with so many examples of one claim, if there are and they fit."""
        more = {**shown, place: max(count, shown[place])}
        return more if count <= len(answer.claims[place].cites) and self._fits(answer, more) else shown

    def _fits(self, answer: Answer, shown: dict[int, int]) -> bool:
        lines = (self._line(answer, answer.claims[place], count) for place, count in shown.items())
        return not self.room or sum(_size(line) + 1 for line in lines) < self.room

    def _line(self, answer: Answer, claim: Claim, examples: int) -> list[Span | str]:
        """A sentence, and behind it posts that bear it out."""
        spans: list[Span | str] = hinted(claim.text) if claim.text in OWN_WORDS else [Span("text", claim.text)]
        for number in claim.cites[:examples]:
            spans += [_BETWEEN, *self._example(answer.hits[number - 1].item)]
        return spans

    def _example(self, item: Item) -> Iterator[Span]:
        """How it begins, or its warning, and where it is."""
        told = self.speaker.told(item)
        longest = LONGEST if not self.room or self.room >= ROOMY else SHORT
        words = lead_sentence(told.title or told.text, longest) or f"a post of @{self.speaker.handle(told.author)}"
        yield Span("text", f"(content warning: {told.warning})") if told.warning else Span("quote", words)
        yield _BETWEEN
        yield place_of(told, self.speaker.accounts, "Post")


def _fewest(claim: Claim) -> int:
    """How many examples it needs to say anything."""
    return int(bool(claim.cites) and not any(map(str.isalpha, claim.text)))


def _size(spans: Iterable[Span | str]) -> int:
    return sum(_length(span if isinstance(span, Span) else Span("text", span)) for span in spans)


def _length(span: Span) -> int:
    """Units of UTF-16; a link counts as long as it is, as some servers want it, and at least as Mastodon does."""
    marks = max(len(span.url), _LINK_LENGTH) + 2 if span.kind == "link" else 2 * (span.kind == "quote")
    return marks + len(quiet(span.text).encode("utf-16-le")) // 2
