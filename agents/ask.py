"""The ask graph: understand → recall → answer → verify.

Nodes read memory, and neither write nor send. What a model says is a draft until the last node has held it against what
it cites; whatever fails, the words of the archive themselves are the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

from agents.answer import Answer, Intent, Turn, Understood
from agents.answering import SHOWN, Means, Question
from agents.answering.chatting import small_talk
from agents.answering.conversation import NOUNS, Told, grown, keep_last, thread, turn
from agents.answering.finding import find
from agents.answering.liking import liking
from agents.answering.missed import missed
from agents.answering.oneself import oneself
from agents.answering.passages import shortened
from agents.answering.relevance import near, unmentioned
from agents.answering.summing_up import summed_up
from agents.answering.talk import told_by_people
from agents.answering.why import why
from agents.answering.writing import ROUNDS, StoppedError, Writer, Written
from agents.attribution import Attribution, Source, attributed
from agents.discretion import Discretion
from agents.graphs import saver, walk
from memory.query import Hit
from memory.records import Account, Entry
from memory.store.runs import ModelCall
from tools.hands import Hands

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.runtime import Runtime

__all__ = ["NODES", "Asker", "Asking", "State", "StoppedError", "build"]


def untouched(means: Means, question: Question) -> Answer:
    """NOTE, FORGET: nothing to be found; whoever has heard the owner sees to it."""
    return Answer(question.understood)


ANSWERS: Mapping[Intent, Callable[[Means, Question], Answer]] = {
    Intent.FIND: find,
    Intent.MISSED: missed,
    Intent.TALK: told_by_people,
    Intent.WHY: why,
    Intent.TASTE: liking,
    Intent.SELF: oneself,
    Intent.SUMMARISE: summed_up,
    Intent.NOTE: untouched,
    Intent.FORGET: untouched,
}
"""What each intent is answered with, without a model."""

WRITTEN = frozenset({Intent.FIND, Intent.SUMMARISE})
"""Intents whose answers a model may write; the others are counted, or were written down before."""


class State(TypedDict, total=False):
    """What travels from node to node. ``turns`` and what was understood and found stay for the next question."""

    run: str
    question: str
    understood: Understood
    found: list[str]  # Item.uri
    turns: list[Told]
    plain: Answer
    written: Written
    answer: Answer


IN_WORDS = ("plain", "written", "answer")
"""What of the state is never written to a checkpoint: it holds words of others."""


@dataclass(frozen=True, kw_only=True)
class Asker(Means):
    """Answers questions. ``understand`` makes a question self-contained, knowing the turns before it.

    ``model`` writes answers unless it is ``weak``; ``keep`` takes each of its calls. ``private_words``: a model that is
    not on this machine may read what is private. ``noai`` are accounts that no model may read. ``tone``: a persona's.
    """

    understand: Callable[[str, Sequence[Turn]], Understood]
    model: BaseChatModel | None = None
    weak: bool = False
    tone: str = ""
    keep: Callable[[ModelCall], None] = lambda call: None
    private_words: bool = False
    noai: Callable[[], frozenset[str]] = frozenset
    rounds: int = ROUNDS
    budget: float = 120.0

    def ask(
        self,
        question: str,
        conversation: str,
        run: str,
        checkpoints: Path,
        stopped: Callable[[], bool] = lambda: False,
        entry: Entry | None = None,
    ) -> Answer:
        """The answer, with the earlier turns of the conversation in mind; nothing is written but its checkpoints.

        ``entry`` is the entry of a digest that the owner replies to. Raises StoppedError as soon as ``stopped``.
        """
        asking = Asking(self, stopped, entry)
        with saver(checkpoints, NOUNS) as checkpointer:
            graph, done = build(checkpointer), State()
            ways: Any = {"context": asking, "durability": "sync", "stream_mode": ["values", "messages"]}
            try:  # "messages" makes a model say its tokens one by one, so that it can be stopped between two of them
                for mode, told in graph.stream(State(run=run, question=question), thread(conversation), **ways):
                    done = cast(State, told) if mode == "values" else done
            finally:
                keep_last(checkpointer, conversation)
        return done["answer"]

    def writer(self, stopped: Callable[[], bool], accounts: Mapping[str, Account]) -> Writer | None:
        """The model with what it may be told; None where there is none, or only a weak one."""
        if self.model is None or self.weak:
            return None
        return Writer(
            model=self.model,
            keep=self.keep,
            now=self.now,
            zone=self.zone,
            near=partial(near, self.reading.embedder),
            discretion=Discretion.towards(self.model, self.private_words, self.noai()),
            tone=self.tone,
            facts=self.facts(),
            rounds=self.rounds,
            budget=self.budget,
            accounts=accounts,
            stopped=stopped,
        )


@dataclass(frozen=True)
class Asking:
    """One question on its way."""

    asker: Asker
    stopped: Callable[[], bool] = lambda: False
    entry: Entry | None = None

    def heed(self) -> Asker:
        """The asker, unless the answer is not wanted any more."""
        if self.stopped():
            raise StoppedError("The answer was stopped.")
        return self.asker


def understand(state: State, runtime: Runtime[Asking]) -> State:
    """A question that needs nothing before it."""
    asker = runtime.context.heed()
    before = [turn(asker, told) for told in state.get("turns", [])]
    return {"understood": asker.understand(state["question"], before)}


def recall(state: State, runtime: Runtime[Asking]) -> State:
    """What memory answers by itself, and what it is made of."""
    asker, understood = runtime.context.heed(), state["understood"]
    if passing := _in_passing(state):
        return {"plain": Answer(understood, notes=(passing,)), "found": []}
    turns = state.get("turns", [])
    before = turns[-1].cited if turns else ()
    question = Question(state["question"], understood, runtime.context.entry, before)
    plain = ANSWERS[understood.intent](asker, question)
    return {"plain": plain, "found": [hit.item.uri for hit in plain.hits or plain.nearest]}


def answer(state: State, runtime: Runtime[Asking]) -> State:
    """What a model writes of it, which may look for more; nothing where there is none, or nothing for it to do."""
    asker, plain = runtime.context.heed(), state["plain"]
    accounts = asker.accounts()
    writer = asker.writer(runtime.context.stopped, accounts)
    if writer is None or _in_passing(state) or plain.understood.intent not in WRITTEN:
        return {"written": Written()}
    may_read, filters = writer.discretion.may_read, plain.understood.filters
    hands = Hands(asker.archive, asker.now, may_read, asker.reading.owner_uri, filters)
    return {"written": writer.write(state["run"], plain.understood, plain.hits or plain.nearest, hands)}


def verify(state: State, runtime: Runtime[Asking]) -> State:
    """What holds of it; and where nothing does, the words of the archive."""
    asker, plain, written = runtime.context.heed(), state["plain"], state["written"]
    accounts = asker.accounts()
    held = attributed(written.claims, [_source(asker, hit, accounts) for hit in written.hits])
    said = _cited(plain, held, written) if held.claims else _plain(plain, written, accounts)
    turns = state.get("turns", [])
    return {"answer": said, "turns": turns if _in_passing(state) else grown(turns, state["question"], said)}


def _in_passing(state: State) -> str:
    """What to say to a greeting or thanks, which leave the conversation as it was; else nothing."""
    return small_talk(state["question"]) if state["understood"].intent is Intent.FIND else ""


def _source(asker: Asker, hit: Hit, accounts: Mapping[str, Account]) -> Source:
    account = accounts.get(hit.item.author)
    day = hit.item.created_at.astimezone(asker.zone).date()
    words = "\n".join(part for part in (hit.item.title, hit.item.text, *hit.item.poll) if part)
    return Source(words, account.name or account.handle.split("@")[0] if account else "", day)


def _cited(plain: Answer, held: Attribution, written: Written) -> Answer:
    """The claims that hold, with the hits that they cite, numbered anew from 1."""
    used = list(dict.fromkeys(number for claim in held.claims for number in claim.cites))
    new = {number: place for place, number in enumerate(used, 1)}
    claims = tuple(replace(claim, cites=tuple(new[number] for number in claim.cites)) for claim in held.claims)
    hits = tuple(shortened(written.hits[number - 1], plain.understood.text) for number in used)
    return Answer(plain.understood, claims, hits, notes=plain.notes)


def _plain(plain: Answer, written: Written, accounts: Mapping[str, Account]) -> Answer:
    """The answer without a model; of passages that speak for themselves, the best few."""
    hits, notes = plain.hits if plain.claims else plain.hits[:SHOWN], plain.notes
    if written.trouble:
        notes += (f"{written.trouble} These are the words of your archive.",)
    asked = plain.understood
    if hits and asked.intent is Intent.FIND and (missing := unmentioned(asked.text, hits, accounts)):
        notes += (f"None of it mentions {' or '.join(f'“{word}”' for word in missing)}.",)
    return replace(plain, hits=hits, notes=notes)


NODES: dict[str, Callable[[State, Runtime[Asking]], State]] = {
    "understand": understand,
    "recall": recall,
    "answer": answer,
    "verify": verify,
}


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[State, Asking, State, State]:
    """The compiled graph; run it with ``context=Asking(...)`` and durability "sync"."""
    graph: CompiledStateGraph[State, Asking, State, State] = walk("ask", NODES, State, Asking, IN_WORDS, checkpointer)
    return graph
