"""Whose words a question asks for. Somebody who is only talked about, or written to, is no filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agents.understanding.question import Asked, Stretch, cuts_of, fold
from agents.understanding.tongues import CODES, Tongue, tongue
from memory.records import Account

_HANDLE = re.compile(r"(?<![\w@])@?([\w.-]*\w)@([\w-]+(?:\.[\w-]+)+)|(?<![\w@.])@([\w.-]*\w)")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|:[a-z0-9_]+:")
_NO_NAMES = "dr prof mr mrs ms sir the la le el il der die das os as"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
MOST_WORDS = 5  # of a name


@dataclass(frozen=True, slots=True)
class Named:
    """Where somebody is named, how, and who that may be (Account.uri): several where the name is ambiguous."""

    begin: int
    end: int
    uris: frozenset[str]
    called: str
    pronoun: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Whose words are asked for, which words of the question say so, and which names stand for several people."""

    uris: frozenset[str] = frozenset()
    cuts: tuple[Stretch, ...] = ()
    ambiguous: tuple[tuple[str, frozenset[str]], ...] = ()
    pronoun: bool = False


def named(asked: Asked, accounts: Mapping[str, Account]) -> list[Named]:
    """Everybody who is named in the question, in order, by the longest name that fits."""
    found = [*_by_handle(asked, accounts), *_by_name(asked, accounts)]
    taken: list[Named] = []
    for one in sorted(found, key=lambda name: name.begin - name.end):
        if not any(one.begin < other.end and other.begin < one.end for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda name: name.begin)


def _by_handle(asked: Asked, accounts: Mapping[str, Account]) -> Iterator[Named]:
    for match in _HANDLE.finditer(asked.folded):
        local, host, short = match.groups()
        wanted = f"{local}@{host}" if host else short
        handles = {uri: account.handle.lower() for uri, account in accounts.items()}
        uris = frozenset(
            uri for uri, handle in handles.items() if wanted in (handle, "" if host else handle.split("@")[0])
        )
        if uris:
            yield Named(*match.span(), uris, asked.text[slice(*match.span())])


def _by_name(asked: Asked, accounts: Mapping[str, Account]) -> Iterator[Named]:
    said = _said(asked)
    meant: dict[str, set[str]] = {}
    for uri, account in accounts.items():
        for key in _keys(account.handle, account.name) & said.keys():
            meant.setdefault(key, set()).add(uri)
    for key, uris in meant.items():
        for begin, end in said[key]:
            if " " in key or asked.capital(begin) or key not in _common():
                yield Named(begin, end, frozenset(uris), asked.text[begin:end])


def _said(asked: Asked) -> Mapping[str, list[Stretch]]:
    """What stands in the question as one to five words in a row → where. A genitive's s may be left out."""
    said: dict[str, list[Stretch]] = {}
    words = asked.words
    for first in range(len(words)):
        for last in range(first, min(first + MOST_WORDS, len(words))):
            begin, end = words[first][0], words[last][1]
            key = " ".join(asked.folded[slice(*word)] for word in words[first : last + 1])
            said.setdefault(key, []).append((begin, end))
            if len(key) > 3 and key.endswith("s"):
                said.setdefault(key[:-1], []).append((begin, end - 1))
    return said


@lru_cache(maxsize=1 << 16)
def _keys(handle: str, name: str) -> frozenset[str]:
    """What somebody may be called: the handle's first part, the whole name, the first name and the last."""
    keys = {fold(handle.partition("@")[0])}
    for spelling in {name, name.casefold().translate(_UMLAUTS)}:
        words = re.findall(r"[^\W_]+", fold(_ASIDE.sub(" ", spelling)))
        calling = [word for word in words if word not in _NO_NAMES.split()]
        keys |= {" ".join(words), " ".join(calling), *calling[:1]}
        keys |= {word for word in calling[-1:] if len(word) > 2}
    return frozenset(key for key in keys if len(key) > 1 and not key.isdecimal())


def bearing(called: str, accounts: Mapping[str, Account]) -> frozenset[str]:
    """Account.uri of whoever is called so: by the handle; else by its first part or the whole name; else by a part."""
    wanted, handle = " ".join(re.findall(r"[^\W_]+", fold(called))), called.strip().removeprefix("@").lower()
    ways: tuple[Callable[[Account], bool], ...] = (
        lambda one: handle == one.handle.lower(),
        lambda one: handle == one.handle.lower().split("@")[0] or wanted in _whole(one.name),
        lambda one: wanted in _keys(one.handle, one.name),
    )
    found = (frozenset(uri for uri, account in accounts.items() if way(account)) for way in ways)
    return next(filter(None, found), frozenset())


def _whole(name: str) -> set[str]:
    """A name in full, without and with what is spelt out of it."""
    spellings = {name, name.casefold().translate(_UMLAUTS)}
    return {" ".join(re.findall(r"[^\W_]+", fold(_ASIDE.sub(" ", spelling)))) for spelling in spellings} - {""}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Words that are somebody's name only where they are capitalised: will, may, summer."""
    return frozenset[str]().union(*(tongue(code).vocabulary for code in CODES))


def asked_for(asked: Asked, spoken: Tongue, names: list[Named], last: frozenset[str], owner: str) -> People:
    """Whose words are asked for. ``last`` are those whom "she" and "he" stand for."""
    mine = _own(asked, spoken)
    authors = [group for group in _groups(asked, spoken, names) if _author(asked, spoken, group)]
    if not authors and not mine and last:
        authors = [[one] for one in _pronouns(asked, spoken, last) if _author(asked, spoken, [one])]
    uris = frozenset[str]().union(*(name.uris for group in authors for name in group))
    cuts = [_cut(asked, spoken, group) for group in authors] + mine
    several = tuple(
        (one.called, one.uris) for group in authors for one in group if len(one.uris) > 1 and not one.pronoun
    )
    pronoun = any(one.pronoun for group in authors for one in group)
    return People(uris | ({owner} if mine else set()), tuple(cuts), several, pronoun)


def unknown(asked: Asked, spoken: Tongue, names: list[Named]) -> str:
    """Whose words are asked for who is not known: "what did Zebediah say about bees"; nothing if nobody's are."""
    words = spoken.words["people"]
    verb = words.get("participles") or words["says"]
    asks = rf"(?:{words['in_front'] or '(?!)'}) (?=(?P<name>[^\W\d_]+)(?: [^\W\d_]+)*? (?:{verb})(?!\w))"
    for match in re.finditer(rf"(?<!\w){asks}", asked.folded):
        begin, end = match.span("name")
        known = any(one.begin <= begin < one.end for one in names)
        if not known and asked.capital(begin) and asked.folded[begin:end] not in _common() and end - begin > 1:
            return asked.text[begin:end]
    return ""


def doing(asked: Asked, spoken: Tongue, names: list[Named], people: People) -> bool:
    """Whether somebody is named for what they did: "where did Ana move", and not for their words."""
    named = [one for one in names if not one.uris <= people.uris]
    in_front = spoken.words["people"]["in_front"] or "(?!)"
    return any(spoken.ending(in_front).search(_front(asked, spoken, one)) for one in named)


def _front(asked: Asked, spoken: Tongue, one: Named) -> str:
    """What stands in front of a name and its article."""
    return re.sub(rf"(?<!\w)(?:{_articles(spoken)}) $", "", asked.folded[: one.begin].rstrip("@"))


def _own(asked: Asked, spoken: Tongue) -> list[Stretch]:
    patterns = map(spoken.whole, spoken.words["people"]["mine"])
    return [cut for pattern in patterns for match in pattern.finditer(asked.folded) for cut in cuts_of(match)]


def _pronouns(asked: Asked, spoken: Tongue, last: frozenset[str]) -> Iterator[Named]:
    for match in spoken.whole(spoken.words["people"]["she"]).finditer(asked.folded):
        yield Named(*match.span(), last, match.group(), pronoun=True)


def _groups(asked: Asked, spoken: Tongue, names: list[Named]) -> list[list[Named]]:
    """Names joined by "and" or "or" stand and fall together."""
    groups: list[list[Named]] = []
    for one in names:
        between = asked.folded[groups[-1][-1].end : one.begin] if groups else "."
        if groups and re.fullmatch(
            rf"[ ,]*(?:{spoken.words['people']['and']})? ?(?:(?:{_articles(spoken)}) )?@?", between
        ):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _articles(spoken: Tongue) -> str:
    return str(spoken.words["people"].get("article") or "(?!)")


def _author(asked: Asked, spoken: Tongue, group: list[Named]) -> bool:
    words = spoken.words["people"]
    front = _front(asked, spoken, group[0])
    behind = asked.folded[group[-1].end :]
    theirs = re.match(f"(?:{words['possessive']}) " if words["possessive"] else "(?!)", behind)
    if spoken.ending(words["by"]).search(front) and not theirs:
        return True
    if words["of"] and spoken.ending(rf"(?:{words['items']})(?: \w+)? (?:{words['of']})").search(front):
        return True
    if spoken.ending(words["objects"]).search(front):
        return False
    if not front.strip() and re.match(rf" (?:{spoken.either('around', 'about', 'matter')}) ", behind):
        return True
    return _possesses(words, behind, group[-1]) or _speaks(spoken, front, behind)


def _possesses(words: Mapping[str, str], behind: str, one: Named) -> bool:
    """Whether posts, opinions and the like of theirs follow."""
    sure = one.pronoun or " " in one.called
    mark = f"(?:{words['possessive'] or '(?!)'}){'?' if sure else ''}"
    return bool(re.match(rf"{mark}(?: [^\W_]+)?[ -](?:{words['items']})(?!\w)", behind))


def _speaks(spoken: Tongue, front: str, behind: str) -> bool:
    """Whether a verb of saying stands beside them."""
    words = spoken.words["people"]
    if re.match(rf",?(?:[ -](?:{words['between']}))*[ -](?:{words['says']})(?!\w)", behind):
        return True
    if words.get("says_in_front") and re.search(rf"(?<!\w)(?:{words['says_in_front']})[ -](?:t-)?$", front):
        return True
    clause = re.split(r"(?<!\d)[.?!;](?: |$)", behind)[0]
    late = words.get("participles")
    return bool(
        late and spoken.ending(words["in_front"]).search(front) and re.search(rf"(?<!\w)(?:{late})(?!\w)", clause)
    )


def _cut(asked: Asked, spoken: Tongue, group: list[Named]) -> Stretch:
    """The names with what belongs to them: "by Ana", "Ana's"."""
    words = spoken.words["people"]
    begin, end = group[0].begin, group[-1].end
    begin -= len(asked.folded[:begin]) - len(asked.folded[:begin].rstrip("@"))
    front = asked.folded[:begin]
    left = re.search(
        rf"(?<!\w)(?:(?:{words['by']}|{words['of'] or '(?!)'})(?: |(?<=')))?(?:(?:{_articles(spoken)}) )?$", front
    )
    mark = re.match(f"(?:{words['possessive']})" if words["possessive"] else "(?!)", asked.folded[end:])
    return (left.start() if left else begin, end + (mark.end() if mark else 0))
