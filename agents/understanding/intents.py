"""What kind of answer a question wants, and what it is about once the words that say so are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.answer import Intent
from agents.understanding.question import Asked, Stretch, cuts_of
from agents.understanding.tongues import Tongue

_ORDER = (
    Intent.NOTE,
    Intent.FORGET,
    Intent.WHY,
    Intent.TASTE,
    Intent.SELF,
    Intent.SUMMARISE,
    Intent.MISSED,
    Intent.TALK,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The intent, and where the words stand that say so."""

    intent: Intent = Intent.FIND
    cuts: tuple[Stretch, ...] = ()
    unwanted: bool = False  # of a taste, what is not liked


def wanted(asked: Asked, spoken: Tongue) -> Wanted:
    """The first kind of answer that the words ask for; a search where they ask for none."""
    for intent in _ORDER:
        for pattern in spoken.intents[intent.value]:
            match = pattern.search(asked.folded)
            if match and not _denied(intent, asked, spoken):
                return Wanted(intent, tuple(cuts_of(match)), _unwanted(intent, asked, spoken))
    return Wanted()


def _unwanted(intent: Intent, asked: Asked, spoken: Tongue) -> bool:
    return intent is Intent.TASTE and any(pattern.search(asked.folded) for pattern in spoken.intents["unwanted"])


def _denied(intent: Intent, asked: Asked, spoken: Tongue) -> bool:
    """A question mark makes no note; and some phrases only look like an order."""
    if intent is Intent.NOTE and asked.text.endswith("?"):
        return True
    return any(pattern.search(asked.folded) for pattern in spoken.intents.get(f"not_{intent.value}", ()))


def unframed(text: str, spoken: Tongue) -> str | None:
    """A question without the words in front of its matter: "what did say about heat pumps" → "heat pumps".

    None where no such words lead up to it: "how many times". Empty where there is nothing else.
    """
    left = Asked(text)
    words = [left.folded[slice(*place)] for place in left.words]
    first = next((place for place, word in enumerate(words) if not empty(word, spoken)), len(words))
    about = spoken.words["around"]["about"]
    leads = [place for place in range(first) if re.fullmatch(about, words[place])]
    first = leads[0] + 1 if leads else first
    if first >= len(words):
        return ""
    if not leads and not any(
        _leads(word, spoken, last) for word, last in zip(words[:first], _last(first), strict=True)
    ):
        return None
    last = len(words)
    while spoken.words["people"].get("participles") and last > first + 1 and empty(words[last - 1], spoken):
        last -= 1
    return text[left.words[first][0] : left.words[last][0] if last < len(words) else len(text)].strip(" ,;:.!?–—-'")


def without_asking(text: str, spoken: Tongue) -> str:
    """A question without its verbs of saying: those in front of "about", with it, and participles at its end."""
    left = Asked(text)
    words = [left.folded[slice(*place)] for place in left.words]
    people, about = spoken.words["people"], spoken.words["around"]["about"]
    behind = next((place for place, word in enumerate(words) if re.fullmatch(about, word)), -1)
    leading = rf"{people['says']}|{about}"
    cuts = [left.words[place] for place in range(behind + 1) if re.fullmatch(leading, words[place])]
    if people.get("participles") and words and re.fullmatch(people["participles"], words[-1]):
        cuts.append(left.words[-1])
    kept = left.without(cuts) if cuts else text
    return kept if any(not empty(word, spoken) for word in Asked(kept).folded.split()) else text


def _last(count: int) -> list[bool]:
    return [place == count - 1 for place in range(count)]


def _leads(word: str, spoken: Tongue, last: bool) -> bool:
    """Whether it leads up to a matter: "say", "posts", and "on" if it comes last."""
    people = spoken.words["people"]
    late = f"|{spoken.words['around']['matter']}" if last else ""
    return bool(re.fullmatch(f"{people['says']}|{people['items']}{late}", word))


def empty(word: str, spoken: Tongue) -> bool:
    """Whether a word says nothing of what a question is about: function words, verbs of saying, "posts"."""
    if word in spoken.function:
        return True
    people = spoken.words["people"]
    kinds = [people[key] for key in ("says", "items", "it", "she", "between", "participles") if people.get(key)]
    return bool(re.fullmatch("|".join(kinds), word))
