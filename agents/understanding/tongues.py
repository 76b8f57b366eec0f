"""The languages that questions are read in: one TOML file each, of words and of patterns over folded text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "languages"
CODES = ("en", "de", "fr", "es", "it", "pt", "nl")
_MACRO = re.compile(r"\{([a-z_]+)\}")
_PLAIN_WORD = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, eq=False)
class Tongue:
    """A language: ``words`` is its file as it stands. Patterns match whole words only."""

    code: str
    words: Mapping[str, Any]

    @cached_property
    def function(self) -> frozenset[str]:
        """The words that carry no meaning of their own."""
        return frozenset(self.words["function"].split())

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All words by which the language is known: those without meaning, of time, of saying, of liking."""
        listed = [*self.words["months"], *self.words["weekdays"], *self.words["seasons"], *self.words["units"].values()]
        listed += [self.words["people"][key] for key in ("says", "items", "in_front", "she")]
        listed.append(self.words["liking"]["known_by"])
        listed += [pattern for patterns in self.words["spans"].values() for pattern in patterns]
        return self.function | {word for text in listed for word in _PLAIN_WORD.findall(_MACRO.sub(" ", text))}

    @cached_property
    def spans(self) -> Mapping[str, list[re.Pattern[str]]]:
        """How stretches of time are named: the kind of name → patterns."""
        return {kind: [self.whole(pattern) for pattern in listed] for kind, listed in self.words["spans"].items()}

    @cached_property
    def intents(self) -> Mapping[str, list[re.Pattern[str]]]:
        """How one asks for other things than a search."""
        listed = self.words["intents"].items()
        return {kind: [self.whole(one) for one in patterns] for kind, patterns in listed if kind != "note_starts"}

    @lru_cache(maxsize=512)  # noqa: B019 - there are seven of them, for good
    def whole(self, pattern: str) -> re.Pattern[str]:
        """A pattern with its {macros} filled in, matching whole words."""
        return re.compile(rf"(?<![^\W_])(?:{self.filled(pattern)})(?:(?![^\W_])|(?<=[ ']))")

    @lru_cache(maxsize=512)  # noqa: B019
    def ending(self, pattern: str) -> re.Pattern[str]:
        """A pattern that must stand directly in front of something: matched at the end of what is in front."""
        return re.compile(rf"(?<![^\W_])(?:{self.filled(pattern)})(?:[ -]|(?<='))$")

    def either(self, section: str, *keys: str) -> str:
        """The alternatives of some entries of a section, as one pattern."""
        return "|".join(self.words[section][key] for key in keys if self.words[section].get(key))

    def filled(self, pattern: str) -> str:
        """A pattern with its {macros} filled in."""
        return _MACRO.sub(lambda found: str(self._macros[found.group(1)]), pattern)

    def place(self, key: str, word: str) -> int:
        """The how manieth of the months, weekdays, seasons or numbers it is, from 0."""
        return next(i for i, pattern in enumerate(self.words[key]) if re.fullmatch(pattern, word))

    def key(self, section: str, word: str) -> str:
        """Which unit, decade or part a word stands for."""
        return str(next(key for key, pattern in self.words[section].items() if re.fullmatch(pattern, word)))

    @cached_property
    def _macros(self) -> Mapping[str, str]:
        words = self.words
        plain = {name: "|".join(words[f"{name}s"]) for name in ("month", "weekday", "season")}
        plain |= {name: "|".join(words[f"{name}s"].values()) for name in ("unit", "part")}
        plain |= {"n": rf"\d{{1,3}}|{'|'.join(words['numbers'])}", "d": r"[0-3]?\d", "from_d": r"[0-3]?\d"}
        plain["year"] = r"(?:19|20)\d\d|'\d\d"
        macros = {name: f"(?P<{name}>{pattern})" for name, pattern in plain.items()}
        macros["name"] = "(?:" + "|".join(macros[name] for name in ("unit", "weekday", "season", "month")) + ")"
        macros["decade"] = f"{words['century']}(?P<decade>{'|'.join(words['decades'].values())})"
        macros["items"] = f"(?:{words['people']['items']})"
        macros["says"] = f"(?:{words['people']['says']})"
        macros["starts"] = f"(?:{words['intents'].get('note_starts', '')})"
        macros |= {name: f"(?:{pattern})" for name, pattern in words["liking"].items() if name != "known_by"}
        no_topic = f"{words['liking']['no_topic']}|{words['people']['items']}"
        macros["topic"] = rf"(?!(?:{no_topic})(?![^\W_]))(?P<kept>[^?!.,;]{{1,80}}?)"
        macros["kept"] = r"(?P<kept>(?: [^ ,.?!;]+){0,8}?)"
        return macros


@lru_cache(maxsize=len(CODES))
def tongue(code: str) -> Tongue:
    """A language by its two letters."""
    return Tongue(code, tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8")))


def spoken(folded: str, before: str = "") -> list[Tongue]:
    """The languages that a text may be in, the likeliest first: those with the most of its words, at least one.

    ``before`` is the language spoken so far; it wins among equals.
    """
    found = set(re.findall(r"[^\W\d_]{2,}", folded))
    votes = {code: len(found & tongue(code).vocabulary) for code in CODES}
    most = max(votes.values())
    ranked = sorted(CODES, key=lambda code: (-votes[code], code != before))
    return [tongue(code) for code in ranked if votes[code] == most] if most or not before else [tongue(before)]
