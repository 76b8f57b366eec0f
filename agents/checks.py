"""Whether a model's sentence is supported by what it was shown. Pure; in doubt the answer is no.

A rejected sentence costs little: the extractive one of ``agents.extract`` stands in for it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from pydantic import BaseModel, Field
from rapidfuzz import fuzz
from rapidfuzz.distance import ScoreAlignment

from agents import words as said
from agents.vocabulary import COUNT_WORDS, FUNCTION_WORDS
from agents.wording import same_wording

SUPPORT = 0.6
"""Least share of a sentence's content words that must stand in its sources."""
SUPPORT_WITHOUT_CAPITALS = 0.8
"""The same where a script has no capitals, so that names cannot be told apart and checked by themselves."""
ALIKE = 90.0
"""Least likeness of a quote to the stretch that it is taken from, 0 to 100."""

_ORDINARY = FUNCTION_WORDS | set(COUNT_WORDS)
"""Words that are no names although a sentence begins with them."""

_HTTP = re.compile(r"https?://\S+")


class Summary(BaseModel):
    """What a model is asked for: one sentence on some posts, and their words that support it."""

    sentence: str = Field(max_length=220, description="one sentence that says what the posts tell")
    quote: str = Field(max_length=200, description="words copied from one of the posts that support the sentence")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown, and if not, every reason why."""

    ok: bool
    reasons: tuple[str, ...] = ()


def verify_quote(quote: str, sources: Sequence[str]) -> str | None:
    """The original words of the source that ``quote`` (nearly) repeats, or None.

    Small slips are forgiven because the original is what is returned; a number or a capitalised word that does not
    stand there, in that order, or another negation never is.
    """
    found = quoted_in(quote, sources)
    return None if found is None else sources[found[0]][found[1] : found[2]]


def quoted_in(quote: str, sources: Sequence[str]) -> tuple[int, int, int] | None:
    """Where that is: (index of the source, begin, end) of the best stretch that bears the quote out."""
    needle = quote.strip().strip("\"'“”„‘’«»…").strip()
    if not any(map(str.isalnum, needle)):
        return None
    aligned = ((_align(needle, source), number) for number, source in enumerate(sources))
    likely = sorted(((a.score, -n, a.dest_start, a.dest_end) for a, n in aligned if a is not None), reverse=True)
    for _, number, begin, end in likely:
        source = sources[-number]
        for span in _about(source, *_to_word_borders(source, begin, end)):
            if _bears_out(source[slice(*span)], needle):
                return -number, *span
    return None


def _about(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch, and the same with a word less or more at either end: likeness does not know where words begin."""
    yield begin, end
    starts = [start for start, _ in said.placed_words(text)]
    place = bisect_left(starts, begin)
    begins = [begin, *starts[max(place - 1, 0) : place + 2]]
    ends = [
        end,
        *(_to_word_borders(text, begin, start + 1)[1] for start in starts[max(bisect_left(starts, end) - 3, 0) :][:4]),
    ]
    for span in product(begins, ends):
        if span[0] < span[1] and span != (begin, end):
            yield span


def _align(needle: str, source: str) -> ScoreAlignment | None:
    folded, against = said.fold(needle), said.fold(source)
    if len(folded) <= len(against):
        return fuzz.partial_ratio_alignment(folded, against, score_cutoff=ALIKE)
    # rapidfuzz would look for the shorter in the longer: a quote with additions would pass.
    score = fuzz.ratio(folded, against, score_cutoff=ALIKE)
    return ScoreAlignment(score, 0, len(needle), 0, len(source)) if score and source else None


def _to_word_borders(text: str, begin: int, end: int) -> tuple[int, int]:
    while 0 < begin < len(text) and _joined(text[begin - 1], text[begin]):
        begin -= 1
    while 0 < end < len(text) and _joined(text[end - 1], text[end]):
        end += 1
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end


def _joined(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and not (said.spaceless(left) or said.spaceless(right))


def _bears_out(stretch: str, quote: str) -> bool:
    return said.negated(quote) == said.negated(stretch) and same_wording(quote, stretch)


def _in_order(wanted: Iterable[str], there: Iterable[str]) -> bool:
    rest = iter(there)
    return all(one in rest for one in wanted)


def verdict(summary: Summary, sources: Sequence[str]) -> Verdict:
    """Whether the summary's sentence may be shown as what ``sources`` (the texts of the posts) tell."""
    sentence = summary.sentence.strip()
    reasons = reasons_against(sentence, sentence, [summary.quote], sources)
    return Verdict(not reasons, reasons)


def reasons_against(sentence: str, told: str, quotes: Sequence[str], sources: Sequence[str]) -> tuple[str, ...]:
    """Why a sentence must not be shown as what ``sources`` say; ``told`` is what of it they have to bear out."""
    reasons = [reason for reason, wrong in _FORM if wrong(sentence)]
    reasons += _unsupported(told, sources)
    for quote in quotes:
        reasons += _quote_reasons(told, quote, sources)
    return tuple(dict.fromkeys(reasons))


def _quote_reasons(sentence: str, quote: str, sources: Sequence[str]) -> list[str]:
    found = quoted_in(_HTTP.sub(" ", quote), sources)  # an address proves nothing
    if found is None:
        return ["its quote does not stand in the sources"]
    number, begin, end = found
    source = sources[number]
    whole = "".join(source[b:e] for b, e in said.sentences(source) if b < end and e > begin)
    if len(said.words(source[begin:end])) < min(3, len(said.words(source))):
        return ["its quote is too short to support anything"]
    if said.negated(sentence) != said.negated(whole):
        return ["it denies what its quote affirms, or the other way round"]
    return []


def _unsupported(sentence: str, sources: Sequence[str]) -> list[str]:
    together = "\n".join(sources)
    known = said.known_words(together)
    reasons = [f"the number {n} is not in the sources" for n in _new_numbers(sentence, sources)]
    reasons += [f"the name {n} is not in the sources" for n in _new_names(sentence, together, known)]
    if not _mostly_known(sentence, together):
        reasons.append("most of its words are not in the sources")
    if _rearranged(sentence, sources):
        reasons.append("its names and numbers belong together otherwise in the sources")
    if _other_script(sentence, together):
        reasons.append("it is written in another script than the sources")
    return reasons


def _new_numbers(sentence: str, sources: Sequence[str]) -> list[str]:
    known = {number for source in sources for number in said.known_numbers(source)}
    return [fact.value for fact in said.numbers(sentence) if fact.value not in known]


def _new_names(sentence: str, together: str, known: set[str]) -> list[str]:
    bends = said.german(sentence)
    plain = said.uncapitalised(together)

    def stands(fact: said.Fact) -> bool:
        if fact.value in known or (bends and any(_inflected(fact.value, word) for word in known)):
            return True
        return fact.first and (fact.value in _ORDINARY or _has_kin(fact.value, plain))

    return [fact.value for fact in said.names(sentence) if not stands(fact)]


def _inflected(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long.startswith(short) and long[len(short) :] in {"n", "en", "s", "es", "ns"}


def _has_kin(word: str, known: Iterable[str]) -> bool:
    return len(word) >= 5 and any(other.startswith(word[:5]) for other in known)


def _mostly_known(sentence: str, together: str) -> bool:
    claimed = said.content(sentence)
    known = said.content(together) | said.known_words(together)
    supported = [word for word in claimed if word in known or _has_kin(word, known)]
    capitals = any(c.isupper() or c.islower() for c in sentence)
    return bool(claimed) and len(supported) >= (SUPPORT if capitals else SUPPORT_WITHOUT_CAPITALS) * len(claimed)


def _rearranged(sentence: str, sources: Sequence[str]) -> bool:
    """Whether two neighbouring facts of the sentence stand in no source in that order.

    Two names that never meet in a source may be told together; a number belongs to what it stood by.
    """
    there = [said.sequence(source) for source in sources]
    known = {value for sequence in there for value in sequence}
    plain = said.uncapitalised("\n".join(sources))
    for one, other in pairwise(fact for fact in _facts(sentence, plain) if fact.value in known):
        together = [s for s in there if one.value in s and other.value in s]
        counted = one.number or other.number
        if (together or counted) and not any(_in_order((one.value, other.value), s) for s in together):
            return True
    return False


def _facts(sentence: str, plain: set[str]) -> list[said.Fact]:
    """Numbers and names in order; without first words that are no names, and German nouns behind an article."""
    skipped = set(said.nouns_behind_articles(sentence)) if said.german(sentence) else set()
    ordinary = _ORDINARY | plain
    named = [f for f in said.names(sentence) if f.start not in skipped and not (f.first and f.value in ordinary)]
    return sorted([*said.numbers(sentence), *named], key=lambda fact: fact.start)


def _other_script(sentence: str, together: str) -> bool:
    mine, theirs = said.scripts(sentence), said.scripts(together)
    return bool(mine) and theirs.get(max(mine, key=lambda script: mine[script]), 0.0) < 0.2


def _wrong_length(sentence: str) -> bool:
    return not (8 if said.spaceless(sentence) else 20) <= len(sentence) <= 220


def _cut_off(sentence: str) -> bool:
    last = sentence.rstrip("\"'”’»)]」』）")[-2:]
    closed = last[-1:] in set(".!?。！？।؟۔") and last != ".."
    return not closed and (len(sentence) > 200 or not last[-1:].isalnum())


def _several(sentence: str) -> bool:
    return "\n" in sentence or len(said.sentences(sentence)) > 1


def _repeats(sentence: str) -> bool:
    found = said.words(sentence)
    fours = list(zip(found, found[1:], found[2:], found[3:], strict=False))
    return len(fours) > len(set(fours)) or bool(re.search(r"(.{2,})\1{2,}|(.)\2{5,}", sentence))


def _invisible(sentence: str) -> bool:
    return any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs"} and sign != "\u200d" for sign in sentence)


_ADDRESS = re.compile(r"https?:|www\.|\w://|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?!\.\s?[a-z]\b)", re.IGNORECASE)
ADDRESS = r"\b\w[\w+.-]{0,30}://\S+|\bwww\.\S+|\b(?:mailto|xmpp|magnet|javascript|data):\S+|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,20}\.[a-z]{2,}\b(?:/\S*)?"
"""A pattern of what may be taken for an address, all of it."""
_MARKUP = re.compile(r"[`{}|\\]|</?[a-z!]|\]\(|\*\*|__|&#?\w+;|^[#>*-] |<\||\[\[|\[/?\w+\]", re.IGNORECASE)
_ECHO = re.compile(
    r"\bas an? (?:\w+ )?(?:ai\b|language model)|\bi (?:can't|cannot|am unable)\b|\bals ki\b"
    r"|\b(?:ignore|disregard|forget) (?:all|any|the|your|previous|prior|everything)\b|\bprevious instructions?\b"
    r"|\b(?:ignorier\w*|vergiss|vergessen sie) (?:alle|die|deine|ihre)\b|\bignore[zr]? (?:toutes|les|tes|vos)\b"
    r"|\bignora (?:todas|las|tus)\b|\bsystem prompt|^(?:sure|summary|sentence|assistant|user|system|note)\b\s*[:,!]"
    r"|^(?:zusammenfassung|résumé|resumen)\b\s*:|^here(?:'s| is| are)\b|^hier (?:ist|sind)\b|^voici\b"
    r"|^aquí (?:está|tienes)\b|\b(?:the|this|these) posts?\b(?! office)"
    r"|\b(?:der|dieser|die|diese) (?:beitrag|beiträge|posts?)\b"
    r"|\b(?:les?|ces?) posts?\b|\b(?:el|este|la|las|esta|estas) (?:publicaci[oó]n|publicaciones|posts?)\b"
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all|any|the|your|previous|prior|everything|these|those|what)\b"
    r"|\b(?:previous|prior|new|following|hidden) (?:instructions?|orders?|rules)\b"
    r"|\b(?:system|developer) (?:prompt|note|message)\b"
    r"|\b(?:any|the|dear|an?|you) (?:ai|llm|language model|assistant|chatbot|bot|agent)s?\b|\byou (?:must|are) now\b"
    r"|\b(?:instead|only) (?:of answering|say|answer|reply|respond|write|print|output)\b"
    r"|\[/?(?:inst|system|begin|end)\b|<\|"
    r"|\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*) (?:alle|die|deine|ihre|bisherige)\w*"
    r"|\bignore[zr]? (?:toutes|les|tes|vos)\b|\b(?:ignora|olvida) (?:todas|las|tus)\b"
)


def gives_orders(text: str) -> bool:
    """Whether it speaks to a machine that reads it, and wants it to do something."""
    return bool(_ORDERS.search(unicodedata.normalize("NFKC", said.fold(text))))


_FORM: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("it is too short or too long", _wrong_length),
    ("it is more than one sentence", _several),
    ("it is cut off", _cut_off),
    ("it repeats itself", _repeats),
    ("it holds an address", lambda s: _ADDRESS.search(unicodedata.normalize("NFKC", s))),
    ("it holds a handle", lambda s: "@" in unicodedata.normalize("NFKC", s)),
    ("it holds too many hashtags", lambda s: s.count("#") > 1),
    ("it holds code or markup", _MARKUP.search),
    ("it holds signs that cannot be seen", _invisible),
    ("it talks about its instructions", lambda s: _ECHO.search(said.fold(s))),
)
