"""The chat model as [model] in magpie.toml wants it, and its part in digests and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from agents.judging import Judge
from agents.summaries import Summariser
from config.errors import ConfigError
from config.settings import PERSONA, DigestSection, Plugged
from memory.records import Consent
from memory.store import Store
from memory.store.runs import ModelCall

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agents.digest import Desk

AUTO = "auto"
_OURS = ("seconds_a_digest", "private_words", PERSONA)


@dataclass
class Mind:
    """Builds the model when it is first needed; keeps each call of it, and what a run's trouble with it was."""

    written: Plugged
    folder: Path
    key: SecretStr = field(repr=False)
    store: Callable[[], Store]
    now: Callable[[], datetime]
    _judge: Judge | None = field(default=None, init=False)
    _troubles: dict[str, list[str]] = field(default_factory=dict, init=False)

    @cached_property
    def table(self) -> Plugged:
        """[model], with the kind that fits this machine where the owner has named none."""
        if self.written.kind != AUTO:
            return self.written
        from agents.models import fitting

        return self.written.model_copy(update={"kind": fitting()})

    @property
    def name(self) -> str:
        """The model by the name that the owner gave it."""
        kind = self.table.kind
        name = self.table.options.get("name", "the small one that is shipped" if kind == "local" else "")
        return "none, words are quoted as they are" if kind == "none" else f"{kind}, {name}".rstrip(", ")

    @cached_property
    def model(self) -> BaseChatModel | None:
        """The model itself; None without one. Raises ConfigError."""
        from agents.models import build

        others = {key: value for key, value in self.table.options.items() if key not in _OURS}
        return build(self.table.kind, others, self.folder, self.key)

    @property
    def weak(self) -> bool:
        """Whether it is the small one that is shipped, which writes no answers."""
        return self.table.kind == "local" and not self.table.options.get("name")

    @property
    def private_words(self) -> bool:
        """Whether a model elsewhere may read what is private. Raises ConfigError."""
        return _limits(self.table.options)[1]

    @cached_property
    def summariser(self) -> Summariser | None:
        """Its part in a digest; None without a model. Raises ConfigError."""
        budget, private_words = _limits(self.table.options)
        if self.model is None:
            return None
        name = self.model.get_name()
        return Summariser(self.model, name, self.keep, self.now, self.refused_by, budget, self._note, private_words)

    def at(self, desk: Desk, chosen: DigestSection) -> Desk:
        """A digest's desk with the model's part in it: a sentence on each story, and a say in which are told.

        The small one that is shipped is no judge. Raises ConfigError.
        """
        if self.summariser is None:
            return desk
        judges = chosen.judge and chosen.judge_seconds > 0 and not self.weak
        return replace(desk, summarise=self.summariser, judge=self._judging(chosen.judge_seconds) if judges else None)

    def _judging(self, seconds: float) -> Judge | None:
        if self._judge is None and self.model is not None:
            name, private = self.model.get_name(), self.private_words
            self._judge = Judge(self.model, name, self.keep, self.now, self.refused_by, seconds, self._note, private)
        return self._judge

    def troubles(self, run: str) -> list[str]:
        """What went wrong with it in a run; told once."""
        return self._troubles.pop(run, [])

    def _note(self, run: str, sentence: str) -> None:
        self._troubles.setdefault(run, []).append(sentence)

    def keep(self, call: ModelCall) -> None:
        """Log a call."""
        with self.store().begin() as memory:
            memory.runs.log_call(call)

    def refused_by(self) -> frozenset[str]:
        """Accounts that ask not to be read by a model."""
        with self.store().begin() as memory:
            return frozenset(uri for uri, account in memory.accounts.all().items() if Consent.NOAI in account.asks)


def _limits(options: Mapping[str, Any]) -> tuple[float, bool]:
    """Seconds a digest, and whether a model elsewhere may read what only followers may. Raises ConfigError."""
    seconds, private = options.get("seconds_a_digest", 60), options.get("private_words", False)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise ConfigError(
            f"magpie.toml: [model] seconds_a_digest is {seconds!r}: write a number of seconds, such as 60."
        )
    if not isinstance(private, bool):
        raise ConfigError(f"magpie.toml: [model] private_words is {private!r}: write true or false.")
    return float(seconds), private
