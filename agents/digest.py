"""The digest graph: gather → group → drop seen → rank → judge → choose → explain → compose.

What is kept of the state are URIs and numbers, no words of anybody: a checkpoint need not be purged when a post is.
Nodes read memory, and neither write nor send: any of them can be run again, also long after.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from agents.changes import told_changes
from agents.choice import choose
from agents.gathering import Reading
from agents.graphs import walk
from agents.judging import FACTOR, Judge, told, with_judged
from agents.novelty import unseen
from agents.numbers import counted
from agents.pile import Pile
from agents.ranking import Circumstances, Ranked, rank, rank_anew
from agents.reasons import reasons
from agents.stories import Array, Row, group, lead_of, renamed, rows_of, speaks, stories_of, story_links
from agents.taste import Taste
from agents.taste.past import Past
from memory.records import Digest, Entry, Factor, Gap, Horizon, Item, Story

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.runtime import Runtime


class State(TypedDict, total=False):
    """What travels from node to node. ``horizon``: how far memory reached when the run began."""

    run: str
    day: date
    channel: str
    since: datetime
    until: datetime
    slot: int
    horizon: Horizon
    candidates: list[str]
    pile: Pile
    left_out: dict[str, int]
    stories: list[Row]
    known: int
    order: Order
    considered: int
    judged: dict[str, Factor]
    judging: dict[str, int]
    judged_in: str
    entries: list[Entry]
    changes: list[str]
    explained: list[Entry]
    digest: Digest


IN_WORDS = ("pile", "order", "explained", "digest")
"""What of the state is never written to a checkpoint; a run that goes on from one makes it anew."""


@dataclass(frozen=True)
class Order:
    """All stories in their order, and what that was made of."""

    ranked: list[Ranked]
    by: Circumstances
    past: Past


COUNTED = ("candidates", "stories", "entries", "explained", "changes")


@dataclass(frozen=True)
class Desk:
    """What the nodes work with. ``summarise`` writes a sentence on a story's texts, or nothing."""

    reading: Reading
    entries: int = 8
    explore: int = 1
    floor: float = 0.6
    is_general: Callable[[str], bool] = lambda link: False
    summarise: Callable[[str, list[Item]], str] = lambda run, items: ""
    judge: Judge | None = None
    gaps: Callable[[], list[Gap]] = list


def gather(state: State, runtime: Runtime[Desk]) -> State:
    """Unseen candidates of the window."""
    pile, left_out = runtime.context.reading.window(state["since"], state["until"])
    return {"candidates": list(pile.items), "left_out": left_out, "pile": pile}


def group_stories(state: State, runtime: Runtime[Desk]) -> State:
    """Stories by link, thread and meaning, together with what was told of them before."""
    reading = runtime.context.reading
    told, told_at = reading.told(state["until"])
    past = told - set(state["candidates"])
    pile = _pile(state, runtime.context, state["candidates"]) | reading.pile(past, state["until"])
    items = list(pile.items.values())
    links = {link for item in items for link in story_links(item)}
    general = frozenset(link for link in links if runtime.context.is_general(link))
    shares = [share for some in pile.shares.values() for share in some]
    found = group(items, shares, pile.vectors, told, general, told_at)
    stories = renamed(found, reading.names(pile.items, state["until"]))
    return {"stories": rows_of(story for story in stories if not past.issuperset(story.items)), "pile": pile}


def drop_seen(state: State, runtime: Runtime[Desk]) -> State:
    """What the owner knows, by item, link and thread, goes; what was told and has really grown stays."""
    reading, stories = runtime.context.reading, stories_of(state["stories"])
    known, followed = reading.known(stories, state["until"]), reading.followed()
    new = [fresh for story in stories if (fresh := unseen(story, known, followed)) is not None]
    told = {uri for entry in known.told for uri in entry.items}
    items, vectors = reading.items({uri for story in new if not told.isdisjoint(story.items) for uri in story.items})
    open_to_tell = {item.uri: item for item in items if item.uri in state["candidates"]}
    led = (_led_anew(story, open_to_tell, told, vectors) for story in new)
    return {"stories": rows_of(led), "known": len(stories) - len(new)}


def rank_stories(state: State, runtime: Runtime[Desk]) -> State:
    """Network × taste × novelty."""
    order = _order(state, runtime.context)
    return {"order": order, "considered": len(order.ranked)}


def judge(state: State, runtime: Runtime[Desk]) -> State:
    """What a chat model says of the best few; nothing without one."""
    desk, order = runtime.context, _order(state, runtime.context)
    share = order.by.weights.get(FACTOR, 1.0)
    if desk.judge is None or not share:
        return {"judged": {}, "judging": {}}
    made = desk.judge(state["run"], order.ranked, order.by.taste, desk.reading, state["until"])
    judged = {lead: replace(factor, points=share * factor.points) for lead, factor in made.factors.items()}
    return {"judged": judged, "judging": dict(made.counts), "judged_in": state["run"]}


def choose_stories(state: State, runtime: Runtime[Desk]) -> State:
    """Diversity and a little exploration; and what the latest feedback has changed."""
    desk, order, judged = runtime.context, _order(state, runtime.context), state.get("judged", {})
    by, told_before = order.by, desk.reading.told_vectors(state["until"])
    ranked = with_judged(order.ranked, judged)
    chosen = choose(ranked, desk.entries, desk.explore, desk.floor, told_before)
    changes: list[str] = []
    if latest := desk.reading.latest_feedback(state["channel"], state["until"]):
        taste = order.past.taste(latest)
        before = replace(by, taste=taste, languages=desk.reading.understood(taste))
        without = with_judged(rank_anew(order.ranked, before), judged)
        instead = choose(without, desk.entries, desk.explore, desk.floor, told_before)
        changes = told_changes(chosen, instead, without, by.accounts)
    return {"entries": [_entry(number, r) for number, r in enumerate(chosen, 1)], "changes": changes}


def _pile(state: State, desk: Desk, uris: Iterable[str]) -> Pile:
    """As it was read by an earlier node, or, where a run goes on from a checkpoint, read anew."""
    return state["pile"] if "pile" in state else desk.reading.pile(uris, state["until"])


def _order(state: State, desk: Desk) -> Order:
    """As it was ranked, or, where a run goes on from a checkpoint, ranked anew."""
    if "order" in state:
        return state["order"]
    stories = stories_of(state["stories"])
    pile = _pile(state, desk, [uri for story in stories for uri in story.items])
    candidates = desk.reading.ready(stories, state["until"], pile)
    past = desk.reading.past(state["until"], pile)
    by = desk.reading.circumstances(state["until"], past.taste())
    return Order(rank(candidates, by), by, past)


def explain(state: State, runtime: Runtime[Desk]) -> State:
    """Reasons from the evidence itself, and a summary where a model's passes the checks."""
    return {"explained": _explained(state, runtime.context)}


def _explained(state: State, desk: Desk) -> list[Entry]:
    by_lead = {story.lead: story for story in stories_of(state["stories"])}
    ready = desk.reading.ready([by_lead[entry.lead] for entry in state["entries"]], state["until"])
    candidates = {candidate.story.lead: candidate for candidate in ready}
    ranked = state.get("order")  # without it a taste is not needed: what it said is in the factors
    by = ranked.by if ranked else desk.reading.circumstances(state["until"], Taste())
    said = desk.reading.judgements(state.get("judged_in", ""))
    explained = []
    for entry in state["entries"]:
        if entry.lead in candidates:  # it may have been deleted meanwhile
            lead = candidates[entry.lead].lead
            why = reasons(Ranked(candidates[entry.lead], entry.factors, entry.explores), by)
            items, _ = desk.reading.items(entry.items)
            factors = tuple(
                replace(factor, words=told(factor, said.get(entry.lead), lead)) if factor.name == FACTOR else factor
                for factor in entry.factors
            )
            summary = desk.summarise(state["run"], items)
            explained.append(replace(entry, factors=factors, reasons=why, summary=summary))
    return [replace(entry, number=number) for number, entry in enumerate(explained, 1)]


def compose(state: State, runtime: Runtime[Desk]) -> State:
    """Numbered entries, and notes on the digest itself."""
    entries = state["explained"] if "explained" in state else _explained(state, runtime.context)
    digest = Digest(
        date=state["day"],
        channel=state["channel"],
        made_at=state["until"],
        since=state["since"],
        entries=tuple(entries),
        notes=tuple(_notes(state, entries, runtime.context.gaps())),
        run=state["run"],
        slot=state.get("slot", 0),
    )
    return {"digest": digest}


NODES: dict[str, Callable[[State, Runtime[Desk]], State]] = {
    "gather": gather,
    "group": group_stories,
    "drop_seen": drop_seen,
    "rank": rank_stories,
    "judge": judge,
    "choose": choose_stories,
    "explain": explain,
    "compose": compose,
}


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[State, Desk, State, State]:
    """The compiled graph; run it with ``context=Desk(...)`` and durability "sync"."""
    graph: CompiledStateGraph[State, Desk, State, State] = walk("digest", NODES, State, Desk, IN_WORDS, checkpointer)
    return graph


def counts(state: Mapping[str, Any]) -> dict[str, int]:
    """How much there is of what a state, or a part of one, holds."""
    found = {name: len(state[name]) for name in COUNTED if name in state}
    found |= {name: state[name] for name in ("known", "considered") if name in state}
    found |= state.get("judging", {})
    if left_out := sum(state.get("left_out", {}).values()):
        found["left_out"] = left_out
    return found | ({"entries": len(state["digest"].entries)} if "digest" in state else {})


def _led_anew(
    story: Story, candidates: Mapping[str, Item], told: Collection[str], vectors: Mapping[int, Array]
) -> Story:
    """A story that was told before is led by something new, if that says anything, and never by what is hidden now."""
    if story.lead not in told:
        return story
    here = [candidates[uri] for uri in story.items if uri in candidates]
    new = [item for item in here if item.uri not in told and speaks(item)]
    pool = new or ([] if story.lead in candidates else here)
    return replace(story, lead=lead_of(pool, vectors).uri) if pool else story


def _entry(number: int, ranked: Ranked) -> Entry:
    story = ranked.candidate.story
    return Entry(
        number=number,
        lead=story.lead,
        items=story.items,
        sharers=story.sharers,
        factors=ranked.factors,
        grown_by=story.grown_by,
        explores=ranked.explores,
        links=story.links,
        threads=story.threads,
    )


def _notes(state: State, entries: Sequence[Entry], gaps: Sequence[Gap]) -> list[str]:
    notes = [
        f"Posts of {gap.feed} from {gap.since:%d %b %H:%M} to {gap.until:%d %b %H:%M} UTC are missing: "
        "there were more than the server keeps."
        for gap in gaps
    ]
    notes += state.get("changes", [])
    posts, known = len(state["candidates"]), state["known"]
    read, stories = counted(posts, "post"), counted(known, "story", "stories")
    if entries:
        notes.insert(0, f"I read {read}; {stories} in them you know already.")
    else:
        notes.append(f"Nothing to tell: of {read}, {stories} you know already and none of the rest stood out.")
    return notes
