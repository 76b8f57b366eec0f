"""In which part of the archive a question asks: sources, kinds, what the owner did, languages, what was delivered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from agents.understanding.question import Asked, Stretch, cuts_of, fold
from agents.understanding.tongues import Tongue
from memory.query import NO_FILTERS, Filters
from memory.records import Kind

_DEEDS = {
    "like": frozenset({Kind.LIKE}),
    "bookmark": frozenset({Kind.BOOKMARK, Kind.SAVE}),
    "boost": frozenset({Kind.BOOST}),
    "reply": frozenset({Kind.REPLY}),
}
_ALIASES = {"hackernews": "hacker news|hn", "whatsapp": "whats app", "rss": "rss feeds?", "twitter": "x|twitter"}


@dataclass(frozen=True, slots=True)
class Part:
    """The filters, and where the words stand that say so."""

    filters: Filters = NO_FILTERS
    cuts: tuple[Stretch, ...] = ()


def part(asked: Asked, spoken: Tongue, sources: Collection[str], kinds: Collection[str], person: bool) -> Part:
    """The part of the archive that is named. ``person``: somebody's words are asked for, who share others' articles."""
    at = {source: list(_source(asked, spoken, source)) for source in sources}
    deeds = {key: list(_listed(asked, spoken, key)) for key in _DEEDS}
    did = any(deeds.values())
    told = list(_listed(asked, spoken, "delivered"))
    named = {
        kind: list(_listed(asked, spoken, kind)) for kind in kinds if kind != "article" or not (did or person or told)
    }
    named = {kind: _outside(cuts, [cut for found in at.values() for cut in found]) for kind, cuts in named.items()}
    tongues = {code: list(_language(asked, spoken, code)) for code in spoken.words["found"]["languages"]}
    filters = replace(
        NO_FILTERS,
        sources=frozenset(key for key, cuts in at.items() if cuts),
        kinds=frozenset(key for key, cuts in named.items() if cuts),
        deeds=frozenset[Kind]().union(*(_DEEDS[key] for key, cuts in deeds.items() if cuts)),
        languages=frozenset(key for key, cuts in tongues.items() if cuts),
        delivered=bool(told),
    )
    groups = (*at.values(), *named.values(), *deeds.values(), *tongues.values(), told)
    return Part(filters, tuple(cut for cuts in groups for cut in cuts))


def _listed(asked: Asked, spoken: Tongue, key: str) -> Iterator[Stretch]:
    patterns = spoken.words["found"].get(key, ())
    for pattern in patterns if isinstance(patterns, list) else ():
        for match in spoken.whole(pattern).finditer(asked.folded):
            yield from cuts_of(match)


def _source(asked: Asked, spoken: Tongue, source: str) -> Iterator[Stretch]:
    words = spoken.words["found"]
    name = re.sub(r"\\?[-_ ]", "[-_ ]?", re.escape(fold(source)))
    name = f"(?:{name}|{_ALIASES[source]})" if source in _ALIASES else name
    chats = f"(?:[ -](?:{words['chats']}))"
    on, my = f"(?:{words['on']})(?: |(?<='))", f"(?:(?:{words['my']}) )"
    behind = f"(?:{on})?{my}?(?:{words['chats']}) (?:{on})?{my}?{name}"
    for pattern in (f"{on}{my}?{name}{chats}?", f"{my}?{name}{chats}", behind):
        for match in spoken.whole(pattern).finditer(asked.folded):
            if not _topic(asked, spoken, match):
                yield match.span()


def _topic(asked: Asked, spoken: Tongue, match: re.Match[str]) -> bool:
    """Whether a word that means "on" and "about" means "about": nothing else is said to be the matter."""
    about = spoken.whole(spoken.words["around"]["about"])
    if not about.match(match.group()):
        return False
    front, behind = asked.folded[: match.start()], asked.folded[match.end() :]
    return bool(front) and not front.endswith(", ") and not about.search(front) and not about.search(behind)


def _outside(cuts: list[Stretch], others: list[Stretch]) -> list[Stretch]:
    return [cut for cut in cuts if not any(cut[0] < end and begin < cut[1] for begin, end in others)]


def _language(asked: Asked, spoken: Tongue, code: str) -> Iterator[Stretch]:
    words = spoken.words["found"]
    if any(spoken.whole(pattern).search(asked.folded) for pattern in words["not_language"]):
        return
    name = words["languages"][code]
    adjective = words.get("adjectives", {}).get(code, name)
    items = spoken.words["people"]["items"]
    others = "|".join(words["languages"].values())
    listed = rf"(?:(?:{others})(?:,|,? (?:{spoken.words['people']['and']}))? )*(?:(?:{words['in_language']}) )?"
    for match in spoken.whole(f"(?:{words['in_language']}) {listed}(?:{name})").finditer(asked.folded):
        word = re.match(r" ([^\W\d_]+)", asked.folded[match.end() :])
        if not word or word.group(1) in spoken.function or spoken.whole(items).fullmatch(word.group(1)):
            yield match.span()
    place = (
        f"(?:{items}) (?P<language>{adjective})"
        if words.get("adjective_behind")
        else f"(?P<language>{adjective})[ -](?:{items})"
    )
    for match in spoken.whole(place).finditer(asked.folded):
        yield match.span("language")
