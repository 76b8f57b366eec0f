"""A chat model writes an answer: it may look for more, a bounded number of times, and then it has to answer.

Every model is asked in the same way, by a form: call one tool, or answer. So one without tool calls of its own, as
Llama 3 8B, does what others do. What it writes is a draft: nothing of it is shown before ``agents.attribution`` has
held it against the passages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables.config import ensure_config, merge_configs
from pydantic import BaseModel, Field

from agents.answer import Understood
from agents.answering.passages import Nearness, passage_of, shortened
from agents.attribution import Drafted
from agents.calls import written_down
from agents.discretion import Discretion
from agents.prompts import Prompt, render
from config.errors import MagpieError, ModelError
from memory.query import Hit
from memory.records import Account
from memory.store.runs import ModelCall
from tools.hands import Hands

log = logging.getLogger(__name__)

ROUNDS = 4
"""Most looks before the answer."""

MOST_PASSAGES = 20
MOST_CHARACTERS, FEWEST_CHARACTERS, ALL_CHARACTERS = 3000, 500, 8000
"""Of a passage at most and at least, and of all of them together about."""


class StoppedError(MagpieError):
    """The owner does not want the answer any more."""


class Draft(BaseModel):
    """The last form: nothing is left but to answer."""

    claims: list[Drafted] = Field(max_length=5)


class Round(Draft):
    """The form of the rounds before it: call one tool, or answer."""

    tool: Literal[
        "answer", "search_archive", "read_item", "thread_of", "posts_by", "what_is_trending", "list_notes"
    ] = Field(description="answer, or the tool to call")
    words: str = Field(max_length=120, description="what the tool is to look for")
    number: int = Field(ge=0, le=99, description="the passage that the tool is to look at")
    claims: list[Drafted] = Field(max_length=5, description="the answer; empty for a tool")


@dataclass(frozen=True, slots=True)
class Written:
    """What a model made of a question: its claims, the passages that they cite by number, and what went wrong."""

    claims: tuple[Drafted, ...] = ()
    hits: tuple[Hit, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A model with what it may be told. ``keep`` takes each call with its verdict; ``budget`` is in seconds."""

    model: BaseChatModel
    keep: Callable[[ModelCall], None]
    now: Callable[[], datetime]
    zone: ZoneInfo
    near: Nearness
    discretion: Discretion
    tone: str = ""
    facts: Sequence[str] = ()
    rounds: int = ROUNDS
    budget: float = 120.0
    accounts: Mapping[str, Account] = field(default_factory=dict)
    stopped: Callable[[], bool] = lambda: False

    @property
    def name(self) -> str:
        """The model's."""
        return str(self.model.get_name())

    def write(self, run: str, asked: Understood, hits: Sequence[Hit], hands: Hands) -> Written:
        """A draft of the answer. Raises StoppedError; what else goes wrong is told in the result."""
        return _Course(self, run, asked, hands, [hit for hit in hits if self.discretion.may_read(hit.item)]).through()


@dataclass
class _Course:
    """One answer in the making."""

    writer: Writer
    run: str
    asked: Understood
    hands: Hands
    passages: list[Hit]
    looked: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def through(self) -> Written:
        self.hands = replace(self.hands, may_read=self.writer.discretion.may_read, passages=lambda: self.passages)
        try:
            for left in range(self.writer.rounds, -1, -1):
                late = time.monotonic() - self.began > self.writer.budget
                form = self._ask(Draft if late or not left else Round, 0 if late else left)
                if not isinstance(form, Round) or form.tool == "answer":
                    return Written(tuple(form.claims), tuple(self.passages))
                self._look(form)
        except StoppedError:
            raise
        except ModelError as error:
            return Written(trouble=str(error))
        except Exception as error:  # a plugged-in model raises what it likes; its words may be those of posts
            return Written(trouble=f"The model {self.writer.name} failed ({type(error).__name__}).")
        return Written()

    def _ask(self, form: type[Draft], left: int) -> Draft:
        prompt, began = self._prompt(left), time.monotonic()
        self._heed()
        structured = self.writer.model.with_structured_output(form, include_raw=True)
        try:
            # the graph's own callbacks have to be among them: they make the model say its tokens one by one
            ways = merge_configs(ensure_config(), {"callbacks": [_Heeding(self._heed)]})
            answer = structured.invoke(prompt.messages, config=ways)
        except Exception as error:
            self._keep(prompt, None, f"no answer: {type(error).__name__}", began)
            raise
        found: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {"parsed": answer}
        parsed, nonsense = found.get("parsed"), found.get("parsing_error")
        if not isinstance(parsed, form):
            self._keep(prompt, found.get("raw"), f"no answer: {nonsense}", began)
            raise ModelError(f"The model {self.writer.name} gave an answer that does not fit its form.")
        self._keep(prompt, found.get("raw"), _did(parsed), began)
        return parsed

    def _prompt(self, left: int) -> Prompt:
        local = self.writer.now().astimezone(self.writer.zone)
        return render(
            "answer",
            today=f"{local:%A}, {local.day} {local:%B %Y}",
            tone=self.writer.tone,
            left=str(left),
            facts="\n".join(self.writer.facts) if self.writer.discretion.trusted else "",
            passages="\n\n".join(self._told(number, hit) for number, hit in enumerate(self.passages, 1)) or "(none)",
            question=self.asked.text,
            looked="; ".join(self.looked) or "nothing",
        )

    def _told(self, number: int, hit: Hit) -> str:
        room = ALL_CHARACTERS // max(len(self.passages), 1)
        limit = min(MOST_CHARACTERS, max(FEWEST_CHARACTERS, room))
        text = passage_of(shortened(replace(hit, passage=None), self.asked.text, self.writer.near, limit)).text
        account = self.writer.accounts.get(hit.item.author)
        local = hit.item.created_at.astimezone(self.writer.zone)
        who = f"{account.name} ({account.handle})" if account else "somebody"
        return f"[{number}] {local.day} {local:%B %Y}, {who}, {hit.item.kind}:\n{text}"

    def _look(self, form: Round) -> None:
        """Do what the model wants to be done: only what is in the hands can be, and only to look."""
        self._heed()
        tool = next(tool for tool in self.hands.tools() if tool.name == form.tool)
        given = {"words": form.words, "who": form.words, "number": form.number}
        wanted = {name: value for name, value in given.items() if name in tool.args}
        try:
            call = {"type": "tool_call", "id": "look", "name": tool.name, "args": wanted}
            found: list[Hit] = tool.invoke(call).artifact or []
        except ValueError:  # of pydantic: there is no such passage
            found = []
        known = {hit.item.uri for hit in self.passages}
        new = [hit for hit in found if hit.item.uri not in known][: MOST_PASSAGES - len(self.passages)]
        self.passages += new
        self.looked.append(f"{form.tool} {form.words or form.number or ''}: {len(new)} more")

    def _heed(self) -> None:
        if self.writer.stopped():
            raise StoppedError("The answer was stopped.")

    def _keep(self, prompt: Prompt, raw: Any, verdict: str, began: float) -> None:
        seconds, short = time.monotonic() - began, verdict.partition(":")[0]
        log.info("event=question_asked_of_model run=%s verdict=%s seconds=%.1f", self.run, short, seconds)
        call = written_down(
            prompt,
            raw,
            run=self.run,
            at=self.writer.now(),
            model=self.writer.name,
            inputs=tuple(hit.item.uri for hit in self.passages),
            verdict=verdict,
            seconds=seconds,
        )
        self.writer.keep(call)


class _Heeding(BaseCallbackHandler):
    """Looks after each token whether the answer is still wanted."""

    raise_error = True

    def __init__(self, heed: Callable[[], None]) -> None:
        self._heed = heed

    def on_llm_new_token(self, token: Any, **kwargs: Any) -> None:
        """One more token."""
        self._heed()


def _did(form: Draft) -> str:
    if isinstance(form, Round) and form.tool != "answer":
        return f"looks: {form.tool}"
    return f"answers with {len(form.claims)} claims"
