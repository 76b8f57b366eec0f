"""The model as judge: the best few are scored by a chat model that sees what the owner really liked and did not want.

It ranks in groups, in several seeded orders, and its scores are averaged. What that is worth depends on how well it has
foretold this owner so far. A judge that is away or late changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Final

from agents.calls import reply, written_down
from agents.checks import gives_orders
from agents.discretion import Discretion
from agents.gathering import Reading
from agents.judge_record import FADED, of_model
from agents.opinions import Answer, Examples, Held, Opinions, asked, held, line, nearest
from agents.ranking import Ranked
from agents.taste import Taste
from config.errors import ModelAwayError, ModelError
from memory.records import Factor, Item
from memory.store.judgements import Judgement
from memory.store.runs import ModelCall

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

FACTOR: Final = "judge"
BOUND: Final = 1.5
"""Points that a judge of full weight can give or take: no post can talk its way past that."""

FULL: Final = 4.0
"""So far from the mean of all scores a score gives all the points."""

MOST_JUDGED: Final = 30
GROUP: Final = 6
"""Posts in one call: with what the owner liked they fit into 4,000 tokens, and what is said of them into 500."""

ORDERS: Final = 2
MOST_CALLS: Final = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """Lead of a story → its factor, without words, and what was counted on the way."""

    factors: Mapping[str, Factor] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Judge:
    """Asks the model within a budget of seconds and calls a run.

    ``keep`` takes each call, ``note`` a run's id and a sentence on its troubles. ``noai`` are accounts that no model
    may read; ``private_words``: one that is not on this machine may read what only followers may.
    """

    model: BaseChatModel
    name: str
    keep: Callable[[ModelCall], None]
    now: Callable[[], datetime]
    noai: Callable[[], frozenset[str]] = frozenset
    budget: float = 60.0
    note: Callable[[str, str], None] = lambda run, sentence: None
    private_words: bool = False
    most_calls: int = MOST_CALLS
    gave_up: str = field(default="", init=False)  # the run in which it was away or late: it is not asked again there

    def __call__(self, run: str, ranked: Sequence[Ranked], taste: Taste, reading: Reading, until: datetime) -> Judged:
        """What the best of the ranked gain or lose by it. What was said of them in this run is not asked again."""
        with reading.store.begin(reading.horizon) as memory:
            weight, said = of_model(memory, self.name, until).weight, memory.judgements.of_run(run)
        discretion = Discretion.towards(self.model, self.private_words, self.noai())
        best = _open(ranked, discretion)
        if weight < FADED or len(best) < 2 or self.gave_up == run:
            return Judged()
        known = nearest(
            taste.examples,
            [r.candidate.vector for r in best],
            {e.item.uri for e in taste.examples if _may_judge(e.item, discretion)},
        )
        if not known.liked and not known.unwanted:
            return Judged()
        counts: Counter[str] = Counter()
        if sum(r.candidate.lead.uri in said for r in best) < 0.8 * len(best):
            course = _Course(self, run, best, known, counts)
            said = course.through()
            with reading.store.begin() as memory:
                memory.judgements.keep(said.values())
        scores = {r.candidate.lead.uri: said[r.candidate.lead.uri].score for r in best if r.candidate.lead.uri in said}
        return Judged(points(scores, weight), +Counter({**counts, "judged": len(scores)}))


def _open(ranked: Iterable[Ranked], discretion: Discretion) -> list[Ranked]:
    """The best that may be shown and do not speak to a machine; what does can neither gain nor lose."""
    shown = (r for r in ranked if _may_judge(r.candidate.lead, discretion))
    return [r for r, _ in zip(shown, range(MOST_JUDGED), strict=False)]


def _may_judge(item: Item, discretion: Discretion) -> bool:
    shown = bool(line(item)) and not item.warning and discretion.may_read(item)
    return shown and not gives_orders(item.searchable)


def points(scores: Mapping[str, float], weight: float) -> dict[str, Factor]:
    """Lead → factor: how far its score is from the mean of all, within ±BOUND, by the weight of the judge."""
    if not scores:
        return {}
    mean = sum(scores.values()) / len(scores)
    return {
        uri: Factor(FACTOR, score, weight * BOUND * max(-1.0, min((score - mean) / FULL, 1.0)))
        for uri, score in scores.items()
    }


def with_judged(ranked: Iterable[Ranked], judged: Mapping[str, Factor]) -> list[Ranked]:
    """The same with one factor more, where there is one for the lead of a story; best first."""
    found = (
        replace(r, factors=(*r.factors, judged[r.candidate.story.lead])) if r.candidate.story.lead in judged else r
        for r in ranked
    )
    return sorted(found, key=lambda r: (-r.score, r.candidate.story.key))


def told(factor: Factor, judgement: Judgement | None, lead: Item) -> str:
    """What /why says of a judgement; words of a post that is not open to everybody stay out of it."""
    score = f"{factor.value:.0f} of 10 by a chat model"
    if judgement is None or not judgement.quote or not lead.visibility.open:
        return score
    return f"{score}: {judgement.reason} “{judgement.quote}”" if judgement.reason else f"{score}: “{judgement.quote}”"


def orders(count: int) -> Iterator[list[list[int]]]:
    """For each order the groups of places: as even as can be, shuffled by a seed that is always the same."""
    for turn in range(ORDERS):
        places = list(range(count))
        Random(turn).shuffle(places)  # noqa: S311 - no secret
        groups = -(-count // GROUP)
        yield [places[start::groups] for start in range(groups)]


class _LateError(Exception):
    """There is no more time, or there are no more calls."""


@dataclass
class _Course:
    """One run's judging."""

    judge: Judge
    run: str
    best: Sequence[Ranked]
    known: Examples
    counts: Counter[str]
    _heard: dict[int, list[Held]] = field(default_factory=lambda: defaultdict(list), init=False)
    _version: int = field(default=0, init=False)
    _began: float = field(default_factory=time.monotonic, init=False)

    def through(self) -> dict[str, Judgement]:
        """What was said of each; nothing when not all could be asked about once."""
        whole = False
        try:
            for groups in orders(len(self.best)):
                for group in groups:
                    self._ask(group)
                whole = True
        except _LateError as late:  # what a whole order has told is enough
            return self._judgements() if whole else self._gives_up(str(late))
        except Exception as error:  # a plugged-in model raises what it likes; a digest does not fail for a judge
            ours = isinstance(error, ModelError)
            return self._gives_up(
                str(error) if ours else f"The model {self.judge.name} failed ({type(error).__name__})."
            )
        return self._judgements() if self._heard else self._gives_up(f"No answer of {self.judge.name} could be used.")

    def _judgements(self) -> dict[str, Judgement]:
        return {judgement.item: judgement for judgement in map(self._judgement, self._heard)}

    def _gives_up(self, why: str) -> dict[str, Judgement]:
        log.warning("event=no_judgement run=%s calls=%d", self.run, self.counts["judge calls"])
        self.judge.gave_up = self.run
        self.judge.note(self.run, f"{why} As a judge it changes nothing this time.")
        return {}

    def _ask(self, group: Sequence[int]) -> None:
        spent = time.monotonic() - self._began
        if spent >= self.judge.budget or self.counts["judge calls"] >= self.judge.most_calls:
            raise _LateError(f"The model {self.judge.name} was not done judging after {spent:.0f} seconds.")
        leads = [self.best[place].candidate.lead for place in group]
        texts = [line(lead) for lead in leads]
        prompt = asked(texts, self.known)
        self._version = prompt.version
        began = time.monotonic()
        heard = reply(self.judge.model, Opinions, prompt)
        failure, parsed = heard.get("error"), heard.get("parsed")
        answer = held(parsed, texts, self.known) if isinstance(parsed, Opinions) else None
        self.counts["judge calls"] += 1
        call = written_down(
            prompt,
            heard.get("raw"),
            run=self.run,
            at=self.judge.now(),
            model=self.judge.name,
            inputs=(*(lead.uri for lead in leads), *self.known.uris),
            verdict=_verdict(answer, failure),
            seconds=time.monotonic() - began,
        )
        self.judge.keep(call)
        if failure and (isinstance(failure, ModelAwayError) or not isinstance(failure, ModelError)):
            raise failure
        if answer is None:
            self.counts["judge answers unusable"] += 1
            return
        self.counts.update({f"judge {fault}": count for fault, count in answer.faults.items()})
        for place, one in answer.held.items():
            self._heard[group[place]].append(one)

    def _judgement(self, place: int) -> Judgement:
        """The mean of all scores, with the first reason that holds, or else the first quote."""
        heard = self._heard[place]
        best = next((one for one in heard if one.reason), None) or next((one for one in heard if one.quote), heard[0])
        score = sum(one.score for one in heard) / len(heard)
        lead, judge = self.best[place].candidate.lead, self.judge
        return Judgement(
            self.run, judge.now(), lead.uri, judge.name, self._version, score, len(heard), best.reason, best.quote
        )


def _verdict(answer: Answer | None, failure: Exception | None) -> str:
    """What the checks said of an answer, for the log of calls."""
    if answer is None:
        return f"no answer: {failure or 'its answer does not fit the schema'}"
    faults = (f"{count} {fault}" for fault, count in answer.faults.items() if count)
    return "; ".join((f"{len(answer.held)} judged", *faults))
