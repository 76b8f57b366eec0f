"""Whether a model's claims hold: each cites what exists, quotes what stands there, and says no more than that. Pure.

What a claim quotes is found again in what it cites by fuzzy match and replaced by the original words, as the Open
Recommender's attributions are; a claim whose quote is not found, or whose sentence is not borne out, is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, Field

from agents import words as said
from agents.answer import Claim
from agents.checks import ADDRESS, gives_orders, quoted_in, reasons_against

FEWEST_WORDS = 3
"""What is shorter is no quote, unless its source is no longer."""

NEARBY = 200
"""Characters around a quote in which an order to a machine makes it worthless."""

_UNSHOWN = re.compile(
    rf"{ADDRESS}|\S{{0,200}}[@＠]\S*|</?[a-z!][^>]*>?|[`|\\{{}}\[\]]+|\*\*|__|[\x00-\x1f\x7f-\x9f\xad\u061c\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e0fff]+",
    re.IGNORECASE,
)
"""Addresses, handles, markup, line ends, and signs that cannot be seen: a quote ends before them."""

_I = re.compile(
    r"\b(?:i|i'm|i've|i'd|i'll|we|we're|we've|my|our|me|us|ich|wir|mein|meine|meinen|mir|mich|unser|je|j'ai|nous|mon|ma"
    r"|mes|notre|yo|nosotros|mi|mis|nuestr[oa])\b"
)
_SAYS = (
    r"(?:says?|said|writes?|wrote|thinks?|thought|reports?|reported|asks?|asked|told|tells?|posted|noted|mentioned|"
    r"sagte?|schreibt|schrieb|meint|meinte|dit|écrit|dice|dijo|escribe|escribió)"
)
_MONTHS = (
    "January|Januar|janvier|enero",
    "February|Februar|février|febrero",
    "March|März|mars|marzo",
    "April|avril|abril",
    "May|Mai|mayo",
    "June|Juni|juin|junio",
    "July|Juli|juillet|julio",
    "August|août|agosto",
    "September|septembre|septiembre",
    "October|Oktober|octobre|octubre",
    "November|novembre|noviembre",
    "December|Dezember|décembre|diciembre",
)


class Drafted(BaseModel):
    """A claim as a model writes it."""

    sentence: str = Field(max_length=220, description="one sentence")
    cites: list[Annotated[int, Field(ge=1, le=99)]] = Field(max_length=2, description="numbers of passages that say it")
    quotes: list[Annotated[str, Field(max_length=160)]] = Field(max_length=2, description="stretches copied from them")


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered passage as claims are held against it: all words of its item, who wrote them, and the local day."""

    text: str
    author: str = ""  # the name that people know
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """The claims that hold, and of each of the others why it does not."""

    claims: tuple[Claim, ...]
    refused: tuple[str, ...]


def attributed(drafts: Iterable[Drafted], sources: Sequence[Source]) -> Attribution:
    """What may be shown of a model's claims; ``sources`` are what their numbers, from 1, stand for."""
    claims: dict[str, Claim] = {}
    refused = []
    for draft in drafts:
        found = held(draft, sources)
        if isinstance(found, Claim):
            claims.setdefault(found.text, found)
        else:
            refused.append(found)
    return Attribution(tuple(claims.values()), tuple(refused))


def held(draft: Drafted, sources: Sequence[Source]) -> Claim | str:
    """The claim with the original words as its quotes, or every reason why it must not be shown."""
    cites = [number for number in dict.fromkeys(draft.cites) if 1 <= number <= len(sources)]
    if not cites or len(cites) < len(set(draft.cites)):
        return "it cites what does not exist"
    if not draft.quotes:
        return "it quotes nothing"
    cited = [sources[number - 1] for number in cites]
    originals = [found for quote in draft.quotes for found in [original(quote, [s.text for s in cited])] if found]
    if len(originals) < len(draft.quotes):
        return "its quote does not stand in what it cites"
    if any(gives_orders(around) for quote in originals for around in _around(quote, cited)):
        return "what it quotes gives orders to a machine"
    sentence = " ".join(draft.sentence.split())
    bearing = [cites[place] for place, source in enumerate(cited) if any(quote in source.text for quote in originals)]
    borne = [sources[number - 1] for number in bearing]
    bare = _without_author(_without_days(sentence, borne), borne, originals)
    reasons = reasons_against(sentence, bare, originals, [source.text for source in borne])
    return "; ".join(reasons) if reasons else Claim(sentence, tuple(bearing), tuple(dict.fromkeys(originals)))


def _around(quote: str, sources: Iterable[Source]) -> Iterator[str]:
    """The quote with what stands near it."""
    for source in sources:
        if (at := source.text.find(quote)) >= 0:
            yield source.text[max(at - NEARBY, 0) : at + len(quote) + NEARBY]


def original(quote: str, sources: Sequence[str]) -> str | None:
    """The words of a source that ``quote`` (nearly) repeats, without addresses, handles and hidden signs; or None."""
    found = quoted_in(quote, sources)
    if found is None:
        return None
    source = sources[found[0]]
    begin, end = _speakable(source, found[1], found[2])
    kept = source[begin:end]
    enough = len(said.words(kept)) >= min(FEWEST_WORDS, len(said.words(source)))
    return kept if kept and enough else None


def _speakable(source: str, begin: int, end: int) -> tuple[int, int]:
    """The longest part of a stretch that nothing stands in that must not be shown."""
    cuts = [(begin, begin)]
    cuts += [m.span() for m in _UNSHOWN.finditer(source) if m.start() < end and m.end() > begin]
    cuts.append((end, end))
    parts = [(max(left[1], begin), min(right[0], end)) for left, right in pairwise(cuts)]
    first, last = max(parts, key=lambda part: part[1] - part[0])
    stretch = source[first:last]
    return first + len(stretch) - len(stretch.lstrip()), last - len(stretch) + len(stretch.rstrip())


def _without_days(sentence: str, sources: Collection[Source]) -> str:
    """The sentence without the days on which its sources were written: those stand above the passages."""
    for day in {source.day for source in sources if source.day}:
        month, of = f"(?:{_MONTHS[day.month - 1]})", r"(?:\.|st|nd|rd|th)? (?:de )?"
        year = rf"(?:,? (?:de )?{day.year})?"
        forms = (
            rf"{day.isoformat()}|0?{day.day}\.0?{day.month}\.{day.year}",
            rf"{day.day}{of}{month}{year}|{month} {day.day}(?:st|nd|rd|th)?{year}|{month}(?: de)? {day.year}",
        )
        sentence = re.sub(
            rf"(?:\b(?:on|in|of|from|am|im|vom|le|en|el)\s)?(?<!\w)(?:{'|'.join(forms)})(?!\w),?",
            "",
            sentence,
            flags=re.I,
        )
    return " ".join(sentence.split())


def _without_author(sentence: str, sources: Collection[Source], quotes: Sequence[str]) -> str:
    """The sentence without "Ann says that" or ", says Ann"; and without Ann as who is "I" in what it quotes."""
    me = any(_I.search(said.fold(quote)) for quote in quotes)
    for source in sources:
        names = sorted({source.author, source.author.split(" ")[0]} - {""}, key=len, reverse=True)
        name = "|".join(map(re.escape, names))
        if not name:
            continue
        sentence = re.sub(
            rf"^(?:according to )?(?:{name}),? {_SAYS}(?: that| dass| que)?[,:]? ", "", sentence, flags=re.I
        )
        sentence = re.sub(rf"^according to (?:{name}),? ", "", sentence, flags=re.I)
        sentence = re.sub(rf",? (?:{_SAYS}|according to) (?:{name})(?=[.!?]?$)", "", sentence, flags=re.I)
        if me:
            sentence = re.sub(rf"^(?:{name})(?:['’]s?)? ", "", sentence)
    return sentence
