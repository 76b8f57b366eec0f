"""The table of a source in magpie.toml, checked key by key; each mistake is one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from config.errors import ConfigError
from config.settings import refuse_unknown

_T = TypeVar("_T", bool, int, str)


@dataclass(frozen=True)
class Options:
    """The settings of a source of some ``kind``."""

    kind: str
    given: Mapping[str, Any]

    @classmethod
    def of(cls, kind: str, given: Mapping[str, Any], *known: str) -> Options:
        """The table, which may have these keys, and ``name`` and ``allow`` like all. Raises ConfigError."""
        refuse_unknown(given, {*known, "name", "allow"}, f"The source {kind}")
        return cls(kind, given)

    @property
    def name(self) -> str:
        """What its cursors are kept under."""
        return self.one("name", self.kind)

    @property
    def allow(self) -> frozenset[str]:
        """Hosts on a private network, or on an unusual port, that this source may ask."""
        return frozenset(host.lower() for host in self.words("allow"))

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words; one word alone is a list, too. Raises ConfigError."""
        value = self.given.get(key, ())
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word.strip() for word in value):
            raise ConfigError(f"The setting {key} of the source {self.kind} is {value!r}; make it a list of words.")
        return tuple(dict.fromkeys(word.strip() for word in value))

    def one(self, key: str, default: _T) -> _T:
        """A value like its default. Raises ConfigError."""
        value = self.given.get(key, default)
        if type(value) is not type(default):
            raise ConfigError(f"The setting {key} of the source {self.kind} is {value!r}; make it like {default!r}.")
        return value.strip() if isinstance(value, str) else value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds. Raises ConfigError."""
        value = self.one(key, default)
        if not least <= value <= most:
            raise ConfigError(
                f"The setting {key} of the source {self.kind} is {value}; it can be from {least} to {most}."
            )
        return value

    def choice(self, key: str, *choices: str) -> str:
        """One of these words, the first of them where nothing is said. Raises ConfigError."""
        value = self.one(key, choices[0])
        if value not in choices:
            raise ConfigError(
                f"The setting {key} of the source {self.kind} is {value!r}; it can be {', '.join(choices)}."
            )
        return value

    def need(self, *keys: str) -> None:
        """At least one of these must say something. Raises ConfigError."""
        if not any(self.given.get(key) for key in keys):
            raise ConfigError(f"The source {self.kind} has nothing to read: give it {' or '.join(keys)}.")
