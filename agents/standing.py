"""Standing facts: what the owner says of themselves and stays so, "I'm vegetarian", "ich wohne in Lissabon". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MILD: Final = 0.3
"""Weight of a wish that was not uttered, where one that was has 1."""

MILDLY_UNWANTED: Final = -0.1
"""The same the other way round: what is unwanted weighs more than what is wanted (agents/ranking.py)."""

LONGEST: Final = 160  # characters: what is longer is a story

_DIETS: Final = (
    r"(?:a |an |eine? |une? |um |uma |una |uno )?(?:strict(?:ly)? |strenge?[rn]? )?"
    r"(?:vegetarian|vegan|pescatarian|coeliac|celiac|diabetic|teetotal|vegetarier(?:in)?|veganer(?:in)?|vegetarisch"
    r"|diabetiker(?:in)?|végétarien(?:ne)?|végan(?:e|ne)?|végétalien(?:ne)?|diabétique|vegetarian[oa]|vegan[oa]"
    r"|diabétic[oa]|celíac[oa]|celiac[oa]|diabetic[oa])\b.*"
)
_BEING: Final = r"i'm|i am|ich bin|je suis|soy|sou|eu sou|sono|io sono"
_NOT_EATING: Final = (
    r"i (?:don't|do not|never|can't|cannot) (?:eat|drink)|ich (?:esse|trinke) (?:kein(?:e|en)?|nie)"
    r"|je ne (?:mange|bois) (?:pas|jamais)(?: de| d')?|no (?:como|bebo)|(?:eu )?não (?:como|bebo)|non (?:mangio|bevo)"
)
_ALLERGY: Final = (
    r"(?:i'm|i am) allergic to|i have an allergy to|ich bin allergisch (?:gegen|auf)"
    r"|je suis allergique (?:à la|aux|au|à)"
    r"|(?:soy|tengo alergia) ?(?:alérgic[oa])? ?a(?: la| los| las|l)?|(?:sou|eu sou) alérgic[oa] ao?s?"
    r"|sono allergic[oa] (?:alle|agli|alla|al|a)"
)
_HOME: Final = (
    r"i live in|i'm living in|i am living in|my home is|ich (?:wohne|lebe) in(?: der| den)?|j'habite (?:à|au|en|aux)"
    r"|je vis (?:à|au|en|aux)|(?:yo )?vivo en|(?:eu )?(?:moro|vivo) (?:em|no|na)|(?:io )?(?:vivo|abito) (?:a|in)"
)
_WORK: Final = (
    r"i work (?:in|as an?|with|on)|ich arbeite (?:als|in|im|mit|an)|je travaille (?:comme|dans|en|sur)"
    r"|(?:yo )?trabajo (?:de|como|en|con)|(?:eu )?trabalho (?:como|em|com)|lavoro (?:come|in|con)"
)
_OF_MINE: Final = (
    r"(?:my|mein|meine|mon|ma|mes|mi|mis|meu|minha|il mio|la mia) [\w' \-]{2,40}? (?:is|are|ist|sind|heißt|heißen"
    r"|s'appelle|est|sont|es|son|se llama|é|são|se chama|è|sono|si chiama) .+"
)
_SAID: Final[tuple[tuple[str, float, bool], ...]] = (  # what leads to the topic, its weight, whether the lead is part
    (_ALLERGY, MILD, True),
    (_NOT_EATING, MILDLY_UNWANTED, False),
    (_HOME, MILD, False),
    (_WORK, MILD, False),
)
# Said of oneself, and over tomorrow.
_PASSING: Final = re.compile(
    r"(?:\w+ing|here|back|fine|ok|okay|well|tired|sorry|late|sure|not|happy|sad|sick|ill|busy|done|ready|afraid|glad"
    r"|müde|krank|spät|da|hier|zurück|fertig|froh|fatigué|fatiguée|malade|désolé|désolée|prêt|prête|en train|là|ici)\b",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(
    r"^(?:an?|the|eine?n?|der|die|das|une?|le|la|les|un|una|el|los|las|um|uma|o|os|as)\s", re.IGNORECASE
)
_GOES_ON: Final = re.compile(
    r"[,;.(]|\s(?:and|but|since|because|und|aber|seit|weil|et|mais|depuis|y|pero|desde|e|mas)\s", re.IGNORECASE
)
_END: Final = re.compile(r"[.!\s]+$")


@dataclass(frozen=True, slots=True)
class Fact:
    """``words`` as they were said; what posts on ``topic`` (perhaps none) are worth for it, in [-1, 1]."""

    words: str
    topic: str = ""
    weight: float = MILD


def standing(said: str, note: bool = True) -> Fact | None:
    """The fact that a note states, if it states one. What is no ``note`` has to be plainer to be taken for one."""
    words = _END.sub("", " ".join(said.replace("’", "'").split()))
    if not words or len(words) > LONGEST or "?" in words:
        return None
    for lead, weight, whole in _SAID:
        if found := re.fullmatch(rf"(?:{lead})\s*(\S.*)", words, re.IGNORECASE):
            return Fact(words, _topic(words if whole else found[1]), weight)
    if diet := re.fullmatch(rf"(?:{_BEING}) ({_DIETS})", words, re.IGNORECASE):
        return Fact(words, _topic(diet[1]))
    return _loose(words) if note else None


def _loose(words: str) -> Fact | None:
    """What only a note is taken for: "I'm a beekeeper", "my sister is called Ana"."""
    being = re.fullmatch(rf"(?:{_BEING}) (\S.*)", words, re.IGNORECASE)
    if being and not _PASSING.match(being[1]):
        return Fact(words, _topic(being[1]))
    return Fact(words, weight=0.0) if re.fullmatch(_OF_MINE, words, re.IGNORECASE) else None


def facts(notes: Iterable[str]) -> tuple[Fact, ...]:
    """Of some notes those that state one, in their order."""
    return tuple(fact for fact in map(standing, notes) if fact is not None)


def mild_interests(known: Iterable[Fact]) -> dict[str, Fact]:
    """Topic → the fact that gives it."""
    return {fact.topic: fact for fact in known if fact.topic and fact.weight}


def _topic(words: str) -> str:
    """The thing itself, up to where the sentence goes on."""
    bare = _ARTICLE.sub("", words)
    return _GOES_ON.split(bare)[0].strip().lower()
