"""What the owner wants, said in plain words: "more on rail and bees, no crypto" → rail +1, bees +1, crypto −1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_DIRECTIONS: dict[float, str] = {
    1.0: "more|mehr|plus|más|mas|mais|i like|i love|love|like|interested in|lots of|ich mag|j'aime|me gustan?",
    -0.5: "less|fewer|not so much|nicht so viel|weniger|moins|menos",
    -1.0: "(?:i )?(?:don't|do not) (?:like|want)|(?:i )?hate|not interested in|no more|no me gustan?|no quiero"
    "|no|not|never|without|hide|stop"
    "|nicht mehr|nicht|kein|keine|keinen|nichts|ohne|je n'aime pas|pas|sans|jamais"
    "|sin|nada|nunca|sem|não",
}
"""Weight → what says it. Of those that begin alike, the longer stands first."""

_LEADS = "please|bitte|i want|i'd like|i would like|i'm|i am|give me|show me|ich möchte|ich will|je veux|quiero"
_FILLERS = (
    "on|about|of|de|du|des|sur|über|von|zu|sobre|any|the|der|die|das|den|le|la|les|el|los|las"
    "|stuff|things|posts|please|bitte|and|und|et|y|e|also"
)
_TAILS = r"\s(?:please|bitte|por favor|any\s?more|mehr|stuff|things|posts)$"
_BARE = re.compile(r"^[\s#!?\"']+|[\s#!?\"']+$")
_SPLIT = re.compile(r"[,;\n]|[.!](?=\s|$)|\s(?:but|aber|mais(?=\s+(?:pas|moins))|pero)\s", re.I)
_AND = re.compile(r"\s(?:and|und|et|y|e|or|oder|ou|o|[/&+])\s|(?<=\w{3})/(?=\w{3})", re.I)


def parse_interests(words: str) -> dict[str, float]:
    """Topic → weight in [-1, 1]. A direction holds until the next one; without any, more is meant."""
    found: dict[str, float] = {}
    weight = 1.0
    for clause in _SPLIT.split(words.replace("’", "'")):
        for part in _AND.split(f" {clause.strip()} "):
            weight, topic = _directed(part.strip(), weight)
            if topic:
                found[topic] = weight
    return found


def _directed(part: str, weight: float) -> tuple[float, str]:
    part = _without(_LEADS, part)
    for value, names in _DIRECTIONS.items():
        rest = _without(names, part)
        if rest != part:
            weight, part = value, rest
    while (rest := _without(_FILLERS, part)) != part:
        part = rest
    topic = re.sub(_TAILS, "", re.sub(r"^[dl]'", "", part, flags=re.I), flags=re.I)
    return weight, _BARE.sub("", topic).lower()


def _without(names: str, part: str) -> str:
    match = re.match(rf"(?:{names})(?:\s+|$)", part, re.I)
    return part[match.end() :] if match else part


NAMED = 0.6
NEAR, SAME = 0.30, 0.55
"""Cosines between a topic's name and a text: below the first they have nothing in common, above the second all."""


def matches(interests: Mapping[str, float], topics: Mapping[str, Array], text: str, vector: Array) -> dict[str, float]:
    """How much a text is about each topic, in [0, 1]: by nearness of meaning, and more where it names it."""
    lowered = text.lower()
    found = {}
    for topic in interests:
        cosine = float(vector @ topics[topic]) if topic in topics else 0.0
        near = min(max((cosine - NEAR) / (SAME - NEAR), 0.0), 1.0)
        strength = NAMED + (1 - NAMED) * near if _named(topic).search(lowered) else near
        if strength > 0:
            found[topic] = strength
    return found


@lru_cache(maxsize=256)
def _named(topic: str) -> re.Pattern[str]:
    """A pattern for the topic and what is made of it: crypto, cryptocurrency; of a short word only its plural.

    A plural is found in the singular, too, but not in what else begins so: trains, train, no training.
    """
    singular = topic[:-1] if re.search(r"\w{2}[^isu]s$", topic) and topic != "news" else topic
    if singular != topic:
        return re.compile(rf"(?<![^\W_]){re.escape(singular)}(?:s\w*|(?![^\W_]))")
    ending = r"\w*" if len(topic) > 3 else r"s?(?![^\W_])"
    return re.compile(rf"(?<![^\W_]){re.escape(topic)}{ending}")
