"""What an invented crowd says: remarks on topics, answers, and news that several tell in words of their own."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_SYLLABLES = ("ka", "lo", "mi", "ren", "tas", "vel", "dor", "ni", "sha", "bru", "gel", "ot", "fen", "ari", "mun", "pol")
_RUNNING = 30  # pieces of news that are talked about at a time
_BEGINS = 0.25  # of what is told as news
_MIXED = 0.75


@dataclass(frozen=True)
class Topic:
    """What some talk about, in one language."""

    name: str
    language: str
    things: Sequence[str]
    doings: Sequence[str]
    asides: Sequence[str]


def topics() -> dict[str, Topic]:
    """All topics by name."""
    return {row["name"]: _topic(row) for row in _chatter()["topic"]}


def name(chance: random.Random, syllables: int = 3) -> str:
    """A name that few others bear."""
    return "".join(chance.choices(_SYLLABLES, k=syllables))


@dataclass(frozen=True)
class Voice:
    """Somebody who speaks about a topic."""

    chance: random.Random
    topic: Topic

    def event(self) -> str:
        """A thing of the topic does something, more often than not what things of another topic do: lives are mixed."""
        doing = self.chance.choice(_of_language(self.topic.language) if self.chance.random() < _MIXED else [self.topic])
        parts = self.chance.choice(self.topic.things), self.chance.choice(doing.doings)
        return ("" if self.topic.language == "ja" else " ").join(parts)

    def remark(self) -> str:
        """A post: one event or several, somewhere, and a word on it."""
        more = self.chance.choices((0, 1, 2, 4), (40, 30, 20, 10))[0]
        others = [Voice(self.chance, self.chance.choice(_of_language(self.topic.language))) for _ in range(more)]
        sentences = [f"{self.event()}{self._where()}", *(other.event() for other in others), self.aside()]
        if self.topic.language == "ja":
            return "。".join(sentences) + "。"
        said = [self._sometimes("openers"), *(_sentence(words) for words in sentences), self._sometimes("closers")]
        return " ".join(part for part in said if part)

    def answer(self) -> str:
        """A reply: as often as not a few words only."""
        return self.aside() if self.chance.random() < 0.5 else self.remark()

    def aside(self) -> str:
        """A word on it."""
        return self.chance.choice(self.topic.asides)

    def _where(self) -> str:
        place = self.chance.choice(_parted(_chatter()["places"][self.topic.language]))
        return f", {place.format(name(self.chance).title())}"

    def _sometimes(self, kind: str) -> str:
        if self.topic.language != "en" or self.chance.random() > 0.3:
            return ""
        return self.chance.choice(_parted(_chatter()["phrases"][kind]))


@dataclass
class News:
    """What several tell of, with the link where it stands."""

    chance: random.Random
    _running: list[tuple[Topic, str, str]] = field(default_factory=list)  # topic, what happened, link

    def told(self, voice: Voice) -> tuple[str, str]:
        """(text, link): how that voice tells a piece of news that is running in its language, or one that begins."""
        known = [row for row in self._running[-_RUNNING:] if row[0].language == voice.topic.language]
        if not known or self.chance.random() < _BEGINS:
            known = [self._begun(voice)]
        topic, what, link = self.chance.choice(known)
        aside = self.chance.choice(topic.asides)
        return self.chance.choice((f"{what}. {aside}", f"{aside}: {what}", f"“{what}”", f"{what}! {aside}")), link

    def _begun(self, voice: Voice) -> tuple[Topic, str, str]:
        place = name(self.chance)
        link = f"https://news.{voice.topic.name}.example/2026/05/{place}-{len(self._running)}"
        self._running.append((voice.topic, f"{place.title()}: {voice.event()}", link))
        return self._running[-1]


@cache
def _chatter() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@cache
def _of_language(language: str) -> Sequence[Topic]:
    return [topic for topic in topics().values() if topic.language == language]


def _topic(row: Mapping[str, str]) -> Topic:
    return Topic(row["name"], row["language"], *(_parted(row[key]) for key in ("things", "doings", "asides")))


def _parted(words: str) -> list[str]:
    return words.split(" / ")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
