"""What a query tells besides its words: whom it names, and that it asks for a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np

from memory.full_text import prepared
from memory.records import Account
from memory.scoring import Floats

_ASKS_WHEN: Final = re.compile(
    r"\b(when|how long|how many (days|weeks|months|years)|(what|which) (year|month|day|date|week|time)|wann|wie lange|"
    r"welche[mnrs]? (jahr|monat|tag|woche|datum)|quand|combien de temps|quel(le)? (année|mois|jour|semaine|date)|"
    r"cuándo|cuánto tiempo|qué (año|mes|día|semana|fecha)|quando)\b",
    re.IGNORECASE,
)
_TIMES: Final = {
    "en": "yesterday today tomorrow tonight ago last next since week weekend month year monday tuesday wednesday "
    "thursday friday saturday sunday january february march april june july august september october november december",
    "de": "gestern heute morgen vorgestern vor letzte letzten nächste nächsten seit woche wochenende monat jahr montag "
    "dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august september "
    "oktober november dezember",
    "fr": "hier demain depuis dernier dernière prochain semaine mois année lundi mardi mercredi jeudi vendredi samedi "
    "dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "ayer hoy mañana hace pasado pasada próximo semana mes año lunes martes miércoles jueves viernes sábado "
    "domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_NAME: Final = re.compile(r"[^\W_]{2,}")


def named(query: str, authors: Sequence[str], accounts: Mapping[str, Account]) -> Floats:
    """(n,) 1 where the query names who wrote it: in full, or by a part of the name that it writes with a capital."""
    said = {word.lower() for word in _NAME.findall(query)}
    capital = {word.lower() for word in _NAME.findall(query) if word[0].isupper()} - {_first(query)}
    known = {uri: float(_is_named(uri, accounts, said, capital)) for uri in set(authors)}
    return np.array([known[uri] for uri in authors], float)


def dated(query: str, texts: Sequence[str]) -> Floats:
    """(n,) 1 where a prepared text tells a time, if the query asks for one."""
    if not _ASKS_WHEN.search(query):
        return np.zeros(len(texts))
    return np.array([_tells_time(text) for text in texts], float)


def _first(query: str) -> str:
    """The first word has a capital for no other reason."""
    found = _NAME.search(query)
    return found.group().lower() if found else ""


def _is_named(uri: str, accounts: Mapping[str, Account], said: set[str], capital: set[str]) -> bool:
    account = accounts.get(uri)
    if account is None:
        return False
    name = [word.lower() for word in _NAME.findall(account.name)]
    handle = account.handle.split("@")[0].lower()
    return bool(name and said.issuperset(name)) or handle in said or not capital.isdisjoint(name)


def _tells_time(text: str) -> bool:
    return any(word in _stems() or (word.isdecimal() and len(word) <= 4) for word in text.split())


@cache
def _stems() -> frozenset[str]:
    return frozenset(word for language, words in _TIMES.items() for word in prepared(words, language).split())
