"""What the owner wants, said in plain words: "more on rail and bees, no crypto" → rail +1, bees +1, crypto −1."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_DIRECTIONS: dict[float, str] = {
    1.0: "more|mehr|plus|más|mas|mais|i like|i love|love|like|interested in|lots of|ich mag|j'aime|me gusta",
    -0.5: "less|fewer|not so much|weniger|moins|menos",
    -1.0: "no|not|never|without|hide|stop|kein|keine|keinen|nichts|ohne|pas|sans|jamais|sin|nada|nunca|sem|não",
}
_FILLERS = "on|about|of|de|d'|du|des|sur|über|von|zu|sobre|any|the|stuff|things|posts|please|bitte|and|und|et|y|e|also"
_SPLIT = re.compile(r"[,;.\n]|\s(?:but|aber|mais(?=\s+(?:pas|moins))|pero)\s", re.I)
_AND = re.compile(r"\s(?:and|und|et|y|e|or|oder|ou|o)\s|[/&+]", re.I)


def parse_interests(words: str) -> dict[str, float]:
    """Topic → weight in [-1, 1]. A direction holds until the next one; without any, more is meant."""
    found: dict[str, float] = {}
    weight = 1.0
    for clause in _SPLIT.split(words):
        for part in _AND.split(f" {clause.strip()} "):
            weight, topic = _directed(part.strip(), weight)
            if topic:
                found[topic] = weight
    return found


def _directed(part: str, weight: float) -> tuple[float, str]:
    for value, names in _DIRECTIONS.items():
        match = re.match(rf"(?:{names})\b\s*", part, re.I)
        if match:
            weight, part = value, part[match.end() :]
    while match := re.match(rf"(?:{_FILLERS})(?:\b|(?<='))\s*", part, re.I):
        part = part[match.end() :]
    return weight, part.strip(" \t#!?\"'").lower()


NEAR, SAME = 0.30, 0.55
"""Cosines between a topic's name and a text: below the first they have nothing in common, above the second all."""


def matches(interests: Mapping[str, float], topics: Mapping[str, Array], text: str, vector: Array) -> dict[str, float]:
    """How much a text is about each topic, in [0, 1]: 1 when it names it, else by nearness of meaning."""
    lowered = text.lower()
    found = {}
    for topic in interests:
        near = (float(vector @ topics[topic]) - NEAR) / (SAME - NEAR) if topic in topics else 0.0
        strength = 1.0 if re.search(_named(topic), lowered) else min(max(near, 0.0), 1.0)
        if strength > 0:
            found[topic] = strength
    return found


def _named(topic: str) -> str:
    """A pattern for the topic and what is made of it: crypto, cryptocurrency; of a short word only its plural."""
    stem = topic[:-1] if len(topic) > 3 and topic.endswith("s") else topic
    ending = r"\w*" if len(stem) > 3 else r"s?(?![^\W_])"
    return rf"(?<![^\W_]){re.escape(stem)}{ending}"
