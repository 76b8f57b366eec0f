"""Ways to corrupt a quote: those that a reader forgives, and those that make another statement of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents import words as said
from agents.vocabulary import COUNT_WORDS, FUNCTION_WORDS, NEGATIONS

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_CALLED = re.compile(r"\S*[@#/]\S*|\S+\.\S+")
_DIGITS = re.compile(r"\d+")
_DENYING = re.compile(r"\b(?:not|never|no|nicht|kein\w*|nie|pas|jamais|n['’]est|don['’]t|isn['’]t|won['’]t)\b", re.I)
_VERB = re.compile(r"\b(?:is|are|was|were|will|can|has|ist|sind|war|hat|wird|est|sont|a été|es|son|fue)\b")


@dataclass(frozen=True)
class Passage:
    """A stretch of a text that is quoted, and what the corruptions may need besides."""

    quote: str
    text: str
    others: Sequence[str]  # other texts
    names: Sequence[str]  # names that do not stand in this one


Corrupt = Callable[[Passage, random.Random], str | None]
"""Makes a quote of a passage; None where it does not lend itself to that."""


def _placed(quote: str) -> list[tuple[int, str]]:
    """Ordinary words: in lower case, of four letters or more, no function words or negations, not in an address."""
    found = [(m.start(), m.group()) for m in re.finditer(r"[^\W\d_]{4,}", quote)]
    plain = FUNCTION_WORDS | NEGATIONS | set(COUNT_WORDS)
    called = [m.span() for m in _CALLED.finditer(quote)]
    found = [(at, word) for at, word in found if not any(begin <= at < end for begin, end in called)]
    return [(at, word) for at, word in found if word.islower() and word not in plain and not said.spaceless(word)]


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + rng.choice(_LETTERS) + word[at + 1 :],
        ]
    )


def slip(p: Passage, rng: random.Random) -> str | None:
    """One slip of the pen in an ordinary word; two in a long quote."""
    quote = p.quote
    for _ in range(1 + (len(quote) > 100)):
        places = _placed(quote)
        if not places:
            return None
        at, word = rng.choice(places)
        quote = quote[:at] + _slip(word, rng) + quote[at + len(word) :]
    return quote if quote != p.quote else None


def cut(p: Passage, rng: random.Random) -> str | None:
    """Its first and its last word are cut off in the middle, where they are ordinary words."""
    places = _placed(p.quote)
    if len(places) < 3:
        return None
    (first, head), (last, tail) = places[0], places[-1]
    return p.quote[first + len(head) // 3 : last + (len(tail) + 1) // 2]


def typography(p: Passage, rng: random.Random) -> str | None:
    """Other quotation marks, dashes, blanks and ellipses."""
    return "“" + p.quote.replace("'", "’").replace("-", "–").replace(" ", "  ", 1) + "…”"


def other_digits(p: Passage, rng: random.Random) -> str | None:
    """The same numbers in Arabic digits."""
    return p.quote.translate(_ARABIC) if _DIGITS.search(p.quote) else None


def _with_number(quote: str, rng: random.Random, change: Callable[[str], str]) -> str | None:
    found = list(_DIGITS.finditer(quote))
    if not found:
        return None
    at = rng.choice(found)
    return quote[: at.start()] + change(at.group()) + quote[at.end() :]


def number(p: Passage, rng: random.Random) -> str | None:
    """One digit of a number is another, is missing, or is there twice."""

    def change(digits: str) -> str:
        at = rng.randrange(len(digits))
        other = rng.choice([d for d in "123456789" if d != digits[at]])
        ways = [digits[:at] + other + digits[at + 1 :], digits + rng.choice("0123456789")]
        return rng.choice([*ways, digits[:at] + digits[at + 1 :]] if len(digits) > 1 else ways)

    return _with_number(p.quote, rng, change)


def number_in_other_digits(p: Passage, rng: random.Random) -> str | None:
    """A number is another, in Arabic digits."""
    return _with_number(p.quote, rng, lambda digits: str(int(digits) + rng.choice((1, 2, 10))).translate(_ARABIC))


def spelt_number(p: Passage, rng: random.Random) -> str | None:
    """A number in words is another."""
    groups = (("two", "three", "four", "six", "nine", "ten"), ("zwei", "drei", "vier", "sechs", "neun"))
    for group in groups:
        found = [m for m in re.finditer(r"\w+", p.quote) if m.group().lower() in group]
        if found:
            at = rng.choice(found)
            other = rng.choice([word for word in group if word != at.group().lower()])
            return p.quote[: at.start()] + other + p.quote[at.end() :]
    return None


def name_places(quote: str) -> list[tuple[int, int]]:
    """Capitalised words within the quote that do not begin a sentence."""
    placed = [(fact.start, fact.first) for fact in said.names(quote)]
    found = [re.match(r"[^\W\d_]+", quote[start:]) for start, first in placed if not first and start]
    places = [start for start, first in placed if not first and start]
    return [
        (at, at + len(m.group()))
        for at, m in zip(places, found, strict=True)
        if m and len(m.group()) > 2 and said.fold(m.group()) not in COUNT_WORDS
    ]


def name(p: Passage, rng: random.Random) -> str | None:
    """A name is another, out of other texts."""
    places = name_places(p.quote)
    if not places or not p.names:
        return None
    begin, end = rng.choice(places)
    return p.quote[:begin] + rng.choice(p.names) + p.quote[end:]


def near_name(p: Passage, rng: random.Random) -> str | None:
    """One letter of a name is another."""
    places = name_places(p.quote)
    if not places:
        return None
    begin, end = rng.choice(places)
    at = rng.randrange(begin + 1, end)
    other = rng.choice([letter for letter in _LETTERS if letter != p.quote[at].lower()])
    return p.quote[:at] + other + p.quote[at + 1 :]


def small_name(p: Passage, rng: random.Random) -> str | None:
    """A name is another, and in lower case."""
    changed = name(p, rng)
    return changed.lower() if changed else None


def swapped(p: Passage, rng: random.Random) -> str | None:
    """Two names have changed places."""
    places = name_places(p.quote)
    pairs = [
        (a, b) for a in places for b in places if a < b and p.quote[slice(*a)].lower() != p.quote[slice(*b)].lower()
    ]
    if not pairs:
        return None
    (a, b), (c, d) = rng.choice(pairs)
    return p.quote[:a] + p.quote[c:d] + p.quote[b:c] + p.quote[a:b] + p.quote[d:]


def negation_lost(p: Passage, rng: random.Random) -> str | None:
    """What it denies is affirmed."""
    inner = [m for m in _DENYING.finditer(p.quote) if m.start() and len(p.quote[m.end() :].split()) > 1]
    changed = _DENYING.sub("", p.quote)
    return " ".join(changed.split()) if inner and inner[0].start() > len(p.quote.split()[0]) else None


def negation_added(p: Passage, rng: random.Random) -> str | None:
    """What it affirms is denied."""
    if said.negated(p.quote):
        return None
    found = _VERB.search(p.quote)
    return p.quote[: found.end()] + rng.choice((" not", " never")) + p.quote[found.end() :] if found else None


def prefixed(p: Passage, rng: random.Random) -> str | None:
    """A word is its opposite: clear, unclear."""
    places = [at for at, word in _placed(p.quote) if len(word) > 6]
    if not places:
        return None
    at = rng.choice(places)
    return p.quote[:at] + rng.choice(("un", "dis")) + p.quote[at:]


def merged(p: Passage, rng: random.Random) -> str | None:
    """The head of one sentence and the tail of another one of the same text."""
    parts = [p.text[begin:end].strip() for begin, end in said.sentences(p.text)]
    parts = [part for part in parts if len(part.split()) >= 5]
    if len(parts) < 2:
        return None
    one, other = rng.sample(parts, 2)
    head, tail = one.split(), other.split()
    both = " ".join(head[: len(head) // 2 + 1] + tail[len(tail) // 2 :])
    return both if both not in " ".join(p.text.split()) else None


def longer(p: Passage, rng: random.Random) -> str | None:
    """It goes on with words of another text."""
    tail = rng.choice(p.others).split()[:4]
    return f"{p.quote} {' '.join(tail)}" if len(tail) > 2 else None


def invented(p: Passage, rng: random.Random) -> str | None:
    """A stretch of another text."""
    words = rng.choice(p.others).split()
    return " ".join(words[: len(p.quote.split())]) if len(words) >= 5 else None


def reordered(p: Passage, rng: random.Random) -> str | None:
    """The same words, the second half first."""
    words = p.quote.split()
    middle = len(words) // 2
    return " ".join(words[middle:] + words[:middle])


def exact(p: Passage, rng: random.Random) -> str | None:
    """Letter for letter."""
    return p.quote


TRUE: tuple[Corrupt, ...] = (exact, typography, slip, cut, other_digits)
FALSE: tuple[Corrupt, ...] = (
    *(number, number_in_other_digits, spelt_number, name, near_name, small_name, swapped),
    *(negation_lost, negation_added, prefixed, merged, longer, invented, reordered),
)
