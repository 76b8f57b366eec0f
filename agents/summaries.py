"""A sentence on a story by a chat model, shown only when it passes the checks; each call is logged with its verdict."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langchain_core.language_models import BaseChatModel

from agents.checks import Summary, verdict
from agents.prompts import Prompt, render
from memory.records import Item
from memory.store.runs import ModelCall

log = logging.getLogger(__name__)

MOST_TEXTS = 4
MOST_CHARACTERS = 1200


@dataclass
class Summariser:
    """Asks the model within a budget of seconds a run; past it, or when the model fails, stories stay as they are."""

    model: BaseChatModel
    name: str
    keep: Callable[[ModelCall], None]
    now: Callable[[], datetime]
    noai: Callable[[], frozenset[str]] = frozenset
    budget: float = 60.0
    _spent: dict[str, float] = field(default_factory=dict, init=False)

    def __call__(self, run: str, items: Sequence[Item]) -> str:
        """One sentence on what these items tell, or nothing."""
        read = self._readable(items)
        if not read or self._spent.get(run, 0.0) >= self.budget:
            return ""
        texts = [item.text for item in read]
        prompt = render("summary", posts="\n\n".join(text[:MOST_CHARACTERS] for text in texts))
        began = time.monotonic()
        answer = self._ask(prompt)
        seconds = time.monotonic() - began
        self._spent[run] = self._spent.get(run, 0.0) + seconds
        parsed = answer.get("parsed")
        found = verdict(parsed, texts) if isinstance(parsed, Summary) else None
        said = "; ".join(found.reasons) or "shown" if found else f"no answer: {answer.get('error')}"
        self.keep(self._call(run, prompt, read, answer, said, seconds))
        return parsed.sentence.strip() if isinstance(parsed, Summary) and found and found.ok else ""

    def _readable(self, items: Sequence[Item]) -> list[Item]:
        """The longest texts of a story, without those whose authors ask to be left out of this."""
        refused = self.noai()
        allowed = [item for item in items if item.author not in refused and item.text.strip() and not item.warning]
        return sorted(allowed, key=lambda item: -len(item.text))[:MOST_TEXTS]

    def _ask(self, prompt: Prompt) -> Mapping[str, Any]:
        try:
            structured = self.model.with_structured_output(Summary, include_raw=True)
            answer = structured.invoke(prompt.messages)
        except Exception as error:  # a plugged-in model raises what it likes; a digest does not fail for a sentence
            log.warning("no summary cause=%s", error)
            return {"error": error}
        if isinstance(answer, Mapping):
            return {**answer, "error": answer.get("parsing_error")}
        return {"parsed": answer}

    def _call(
        self, run: str, prompt: Prompt, read: Sequence[Item], answer: Mapping[str, Any], said: str, seconds: float
    ) -> ModelCall:
        raw = answer.get("raw")
        usage = getattr(raw, "usage_metadata", None) or {}
        return ModelCall(
            run=run,
            at=self.now(),
            prompt=prompt.name,
            version=prompt.version,
            model=self.name,
            inputs=tuple(item.uri for item in read),
            messages=tuple(text for _, text in prompt.messages),
            output=str(raw.content) if raw is not None else "",
            verdict=said,
            tokens_in=usage.get("input_tokens", 0),
            tokens_out=usage.get("output_tokens", 0),
            seconds=seconds,
        )
