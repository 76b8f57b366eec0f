"""What a text says that can be checked, pure and without a dictionary: its words, numbers, names, negation and script.

Written for English, German, French and Spanish; other languages get what their script allows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from agents.vocabulary import COUNT_WORDS, DETERMINERS, FUNCTION_WORDS, NEGATIONS

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f"
"""Scripts written without spaces (and Hangul, whose particles stick to the word), for use between square brackets."""

_NEGATED_CJK = re.compile("[不没沒無无未]|ない|ません|아니|않|없")
_AMBIGUOUS = frozenset({"once", "miles"})  # a count in Spanish, something else in English

_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+(?:['’][^\W\d_{CJK}]+)*")
_NUMBER = re.compile(r"(?<![\w.,])[-−](?=\d)\d[\d.,:/]*|\d+(?:[.,:/]\d+|['’\u00a0\u202f ]\d{3}(?!\d))*|[%€$£¥]")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_CJK_NUMBER = re.compile("[二三四五六七八九十百千万萬億亿]+")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_ENDING = re.compile(r"(?:(?<![.!?])[.!?]++[\"'”’»)\]]*+(?=\s|$)|[。！？]+[」』”）]*|\n+)")
_ABBREVIATED = re.compile(
    r"(?:\b[^\W\d_]|\b\d{1,2}|\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|No|Nr|Inc|Ltd|vs|etc|ca|bzw|usw|Bd|Abs|Art|Str|Tel|Mio|Mrd|Vol|pp|ed|fig|Sra?|Mme|Mlle|approx|Gen|Sen|Rep))\.$"
)

_LONGEST_SHORT = 16  # signs in which an abbreviation would stand, with what is in front of it


@dataclass(frozen=True, slots=True)
class Fact:
    """A number (``value`` normalised) or a name (``value`` folded) and where it begins in the text."""

    value: str
    start: int
    number: bool
    first: bool = False  # it begins a sentence: perhaps no name at all


def fold(text: str) -> str:
    """The same text for comparing: lower case, straight quotes, plain spaces and digits. As long as the original."""
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """Code point → its sign as it is compared; each is worked out once."""

    def __missing__(self, code: int) -> str:
        sign = self[code] = _fold_character(chr(code))
        return sign


_FOLDED = _Folded()
_STRAIGHT = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-"}


def _fold_character(sign: str) -> str:
    if sign.isspace():
        return " "
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    plain = _STRAIGHT.get(sign, sign.lower())
    return plain if len(plain) == 1 else sign


def words(text: str) -> list[str]:
    """The words, folded, in order; a sign of a script without spaces is a word of its own."""
    return [word for _, word in placed_words(text)]


def placed_words(text: str) -> list[tuple[int, str]]:
    """The words as ``words`` gives them, each behind where it begins."""
    return [(match.start(), fold(match.group())) for match in _WORD.finditer(text)]


def nouns_behind_articles(text: str) -> list[int]:
    """Where the words begin that directly follow an article or the like: in German mostly nouns, not names."""
    placed = placed_words(text)
    return [start for (_, before), (start, _) in pairwise(placed) if before in DETERMINERS]


def content(text: str) -> set[str]:
    """The words that carry the meaning: four letters or more, no function words; pairs of signs without spaces."""
    found = words(text)
    spaced = {w for w in found if len(w) >= 4 and w not in FUNCTION_WORDS and not w.isdecimal()}
    return spaced | {a + b for a, b in pairwise(found) if spaceless(a) and spaceless(b)}


def spaceless(text: str) -> bool:
    """Whether it is written in a script without spaces, at least by half."""
    if text.isascii():
        return False
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and 2 * len(re.findall(f"[{CJK}]", text)) >= len(letters)


def numbers(text: str) -> list[Fact]:
    """Numbers in digits or words, in order, comparable across spellings: 1.000 = 1,000; 3,5 = 3.5; two = zwei = 2."""
    folded = fold(text)
    found = [Fact(_plain_number(m.group()), m.start(), True) for m in _NUMBER.finditer(folded)]
    found += [Fact(m.group(), m.start(), True) for m in _CJK_NUMBER.finditer(text)]
    spelt = ((m, COUNT_WORDS.get(m.group())) for m in _WORD.finditer(folded) if m.group() not in _AMBIGUOUS)
    found += [Fact(value, m.start(), True) for m, value in spelt if value]
    return sorted(found, key=lambda fact: fact.start)


def known_numbers(text: str) -> set[str]:
    """Every number that a text allows one to repeat: its own, the parts of its dates, its ambiguous number words."""
    known = {fact.value for fact in numbers(text)}
    for match in _NUMBER.finditer(fold(text)):
        parts = re.findall(r"\d+", match.group())
        if len(parts) > 2 or " " in match.group():
            known |= {str(int(part)) for part in parts}
    return known | {COUNT_WORDS[word] for word in words(text) if word in COUNT_WORDS}


def _plain_number(written: str) -> str:
    number = written.replace("−", "-").rstrip(".,:/")
    if _THOUSANDS.fullmatch(number):
        return re.sub(r"[^\d-]", "", number)
    return re.sub("[,:/]", ".", number)


def names(text: str) -> list[Fact]:
    """Capitalised words, and runs of katakana, in order. In German that is every noun."""
    starts = set(_first_letters(text, (start for start, _ in sentences(text))))
    capital = (m for m in _WORD.finditer(text) if m.group()[:1].isupper() and m.group() not in {"I", "I'm", "I’m"})
    found = [Fact(without_possessive(fold(m.group())), m.start(), False, m.start() in starts) for m in capital]
    found += [Fact(m.group(), m.start(), False) for m in _KATAKANA.finditer(text)]
    return sorted(found, key=lambda fact: fact.start)


def _first_letters(text: str, starts: Iterable[int]) -> Iterator[int]:
    """Where the first letter or digit from each of these places on stands; they ascend, and the text is read once."""
    place = 0
    for start in starts:
        place = max(place, start)
        while place < len(text) and not text[place].isalnum():
            place += 1
        yield place


def without_possessive(word: str) -> str:
    """Anna's → anna; the word is folded already."""
    return word[:-2] if word.endswith("'s") else word


def known_words(text: str) -> set[str]:
    """Every word one may repeat from a text, with and without a possessive s; and its runs of katakana."""
    found = set(words(text))
    return found | {without_possessive(word) for word in found} | set(_KATAKANA.findall(text))


def uncapitalised(text: str) -> set[str]:
    """The words that stand in it without a capital: ordinary words, not names."""
    return {match.group() for match in _WORD.finditer(text) if match.group()[0].islower()}


def sequence(text: str) -> list[str]:
    """All its words and numbers in order, as the values of facts are compared with them."""
    found = [(fact.start, fact.value) for fact in numbers(text)]
    found += [(start, without_possessive(word)) for start, word in placed_words(text) if not word.isdecimal()]
    found += [(match.start(), match.group()) for match in _KATAKANA.finditer(text)]
    return [value for _, value in sorted(found)]


def german(text: str) -> bool:
    """Whether it looks German: then every noun is capitalised, and names bend."""
    found = words(text)
    return sum(word in DETERMINERS or word in {"und", "ist", "nicht"} for word in found) * 8 >= max(len(found), 1)


def negated(text: str) -> bool:
    """Whether anything in it is denied."""
    counted = re.sub(r"\bno\.\s*(?=\d)", "", fold(text))
    found = words(counted)
    return any(w in NEGATIONS or w.endswith("n't") for w in found) or bool(_NEGATED_CJK.search(text))


def scripts(text: str) -> dict[str, float]:
    """Script → its share of the letters, in [0, 1]."""
    letters = [script for script in map(_script, text) if script]
    return {script: letters.count(script) / len(letters) for script in set(letters)}


def _script(sign: str) -> str:
    if not sign.isalpha():
        return ""
    name = unicodedata.name(sign, "").split(" ")[0].removesuffix("-")
    return "EAST ASIAN" if name in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"} else name


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences begin and end; a new line ends one, the stop of an abbreviation does not."""
    found, start = [], 0
    for match in _ENDING.finditer(text):
        near = text[max(start, match.start() - _LONGEST_SHORT) : match.end()].rstrip()
        if not _ABBREVIATED.search(near) or match.end() == len(text):
            found.append((start, match.end()))
            start = match.end()
    return [span for span in [*found, (start, len(text))] if text[span[0] : span[1]].strip()]
