"""Emoji that the owner answers with: "👍" in reply to an entry, or "2 👎 5 🔖" anywhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import emoji

from config.settings import FeedbackSection
from memory.records import Kind

_VARIANTS = re.compile("[\ufe0e\ufe0f\u200d]|[\U0001f3fb-\U0001f3ff]")
_KEYCAP = re.compile("(\\d)\ufe0f?\u20e3")  # 2️⃣ is a number, whatever Unicode says
_NUMBER = re.compile(r"#?(\d{1,4})(?!\d)[.:)]?")


@dataclass(frozen=True, slots=True)
class Feedback:
    """One wish: what, and for which entry (None: the one that is replied to)."""

    kind: Kind
    number: int | None
    emoji: str


def emoji_map(section: FeedbackSection) -> dict[str, Kind]:
    """Bare emoji (no skin tone, no variation selector) → kind. What the owner has set outranks what is usual."""
    kinds = (Kind.MORE, Kind.LESS, Kind.SAVE, Kind.SEEN, Kind.MUTE, Kind.TELL)
    usual = {bare(sign): kind for kind in kinds for sign in getattr(FeedbackSection(), kind.value)}
    chosen = [kind for kind in kinds if kind.value in section.model_fields_set]
    return usual | {bare(sign): kind for kind in chosen for sign in getattr(section, kind.value)}


def bare(sign: str) -> str:
    """An emoji without skin tone and variation selector: 👍🏽 is 👍, ❤ is ❤️."""
    return _VARIANTS.sub("", sign.strip())


def parse_feedback(text: str, meanings: Mapping[str, Kind]) -> list[Feedback] | None:
    """The wishes in a message of nothing but emoji and numbers; None for any other message.

    Numbers before an emoji belong to it ("1 3 👍"); if the message begins with an emoji, numbers after it do.
    An emoji without a meaning makes it an ordinary message.
    """
    tokens = _tokens(text)
    if tokens is None or not any(isinstance(token, str) for token in tokens):
        return None
    if any(isinstance(token, str) and bare(token) not in meanings for token in tokens):
        return None
    groups = _groups(tokens, first_sign=isinstance(tokens[0], str) and len(tokens) > 1)
    return [
        Feedback(meanings[bare(sign)], number, sign)
        for numbers, signs in groups
        for sign in dict.fromkeys(signs)
        for number in (dict.fromkeys(numbers) or (None,))
    ]


def unknown_signs(text: str, meanings: Mapping[str, Kind]) -> list[str]:
    """The emoji without a meaning in a message of nothing but emoji and numbers; none for any other message."""
    return [token for token in _tokens(text) or () if isinstance(token, str) and bare(token) not in meanings]


def _tokens(text: str) -> list[int | str] | None:
    text = _KEYCAP.sub(r" \1 ", text)
    found: list[int | str] = []
    place = 0
    signs = {match["match_start"]: match for match in emoji.emoji_list(text)}
    while place < len(text):
        if place in signs:
            found.append(signs[place]["emoji"])
            place = signs[place]["match_end"]
        elif text[place].isspace() or text[place] in ",;&+!\ufe0e\ufe0f":
            place += 1
        elif match := _NUMBER.match(text, place):
            found.append(int(match[1]))
            place = match.end()
        else:
            return None
    return found


def _groups(tokens: list[int | str], first_sign: bool) -> list[tuple[list[int], list[str]]]:
    groups: list[tuple[list[int], list[str]]] = [([], [])]
    for token in tokens:
        numbers, signs = groups[-1]
        starts_new = (signs and not isinstance(token, str)) if not first_sign else (numbers and isinstance(token, str))
        if starts_new:
            groups.append(([], []))
            numbers, signs = groups[-1]
        numbers.append(token) if isinstance(token, int) else signs.append(token)
    return [group for group in groups if group[1]]
