"""The digest graph: gather → group → drop seen → rank → explain → compose.

The state holds URIs and numbers, no words of anybody: what a checkpoint keeps need not be purged when a post is.
Nodes read memory, and neither write nor send: any of them can be run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from agents.changes import told_changes
from agents.gathering import Reading
from agents.novelty import unseen
from agents.ranking import Ranked, choose, rank
from agents.reasons import reasons
from agents.stories import group, story_links
from memory.records import Digest, Entry, Gap, Item, Story

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.runtime import Runtime


class State(TypedDict, total=False):
    """What travels from node to node."""

    run: str
    day: date
    channel: str
    since: datetime
    until: datetime
    candidates: list[str]
    left_out: dict[str, int]
    stories: list[Story]
    known: int
    entries: list[Entry]
    considered: int
    changes: list[str]
    digest: Digest


@dataclass(frozen=True)
class Desk:
    """What the nodes work with. ``summarise`` writes a sentence on a story's texts, or nothing."""

    reading: Reading
    entries: int = 8
    explore: int = 1
    floor: float = 0.6
    is_general: Callable[[str], bool] = lambda link: False
    summarise: Callable[[str, list[Item]], str] = lambda run, items: ""
    gaps: Callable[[], list[Gap]] = list


def gather(state: State, runtime: Runtime[Desk]) -> State:
    """Unseen candidates of the window."""
    uris, left_out = runtime.context.reading.candidates(state["since"], state["until"])
    return {"candidates": uris, "left_out": left_out}


def group_stories(state: State, runtime: Runtime[Desk]) -> State:
    """Stories by link, thread and meaning, together with what was told of them before."""
    reading = runtime.context.reading
    told = frozenset(reading.told(state["until"])) - set(state["candidates"])
    items, vectors = reading.items([*state["candidates"], *told])
    shares = reading.shares([item.uri for item in items], state["until"])
    links = {link for item in items for link in story_links(item)}
    general = frozenset(link for link in links if runtime.context.is_general(link))
    stories = group(items, shares, vectors, told, general)
    return {"stories": [story for story in stories if not told.issuperset(story.items)]}


def drop_seen(state: State, runtime: Runtime[Desk]) -> State:
    """What the owner knows, by item, link and thread, goes; what was told and has really grown stays."""
    reading, stories = runtime.context.reading, state["stories"]
    known, followed = reading.known(stories, state["until"]), reading.followed()
    new = [fresh for story in stories if (fresh := unseen(story, known, followed)) is not None]
    return {"stories": [_led_anew(story, state["candidates"]) for story in new], "known": len(stories) - len(new)}


def rank_stories(state: State, runtime: Runtime[Desk]) -> State:
    """Network × taste × novelty, then diversity and a little exploration."""
    desk = runtime.context
    candidates = desk.reading.ready(state["stories"], state["until"])
    by = desk.reading.circumstances(state["until"])
    ranked = rank(candidates, by)
    told = desk.reading.told_vectors(state["until"])
    chosen = choose(ranked, desk.entries, desk.explore, desk.floor, told)
    changes: list[str] = []
    if latest := desk.reading.latest_feedback(state["channel"], state["until"]):
        without = rank(candidates, desk.reading.circumstances(state["until"], latest))
        changes = told_changes(
            chosen, choose(without, desk.entries, desk.explore, desk.floor, told), without, by.accounts
        )
    entries = [_entry(number, r) for number, r in enumerate(chosen, 1)]
    return {"entries": entries, "considered": len(ranked), "changes": changes}


def explain(state: State, runtime: Runtime[Desk]) -> State:
    """Reasons from the evidence itself, and a summary where a model's passes the checks."""
    desk, by_key = runtime.context, {story.lead: story for story in state["stories"]}
    ready = desk.reading.ready([by_key[entry.lead] for entry in state["entries"]], state["until"])
    candidates = {candidate.story.lead: candidate for candidate in ready}
    by = desk.reading.circumstances(state["until"])
    explained = []
    for entry in state["entries"]:
        if entry.lead in candidates:  # it may have been deleted meanwhile
            why = reasons(Ranked(candidates[entry.lead], entry.factors, entry.explores), by)
            items, _ = desk.reading.items(entry.items)
            explained.append(replace(entry, reasons=why, summary=desk.summarise(state["run"], items)))
    return {"entries": [replace(entry, number=number) for number, entry in enumerate(explained, 1)]}


def compose(state: State, runtime: Runtime[Desk]) -> State:
    """Numbered entries, and notes on the digest itself."""
    digest = Digest(
        date=state["day"],
        channel=state["channel"],
        made_at=state["until"],
        since=state["since"],
        entries=tuple(state["entries"]),
        notes=tuple(_notes(state, runtime.context.gaps())),
        run=state["run"],
    )
    return {"digest": digest}


NODES: dict[str, Callable[[State, Runtime[Desk]], State]] = {
    "gather": gather,
    "group": group_stories,
    "drop seen": drop_seen,
    "rank": rank_stories,
    "explain": explain,
    "compose": compose,
}


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[State, Desk, State, State]:
    """The compiled graph; run it with ``context=Desk(...)`` and durability "sync"."""
    from langgraph.graph import START, StateGraph

    graph = StateGraph(State, context_schema=Desk)
    before = START
    for name, node in NODES.items():
        graph.add_node(name, node)  # type: ignore[call-overload]
        graph.add_edge(before, name)
        before = name
    return graph.compile(checkpointer=checkpointer, name="digest")


def _led_anew(story: Story, candidates: list[str]) -> Story:
    """A story that has grown is led by something new, not by what was told before."""
    fresh = [uri for uri in story.items if uri in candidates]
    return replace(story, lead=fresh[-1]) if fresh and story.lead not in candidates else story


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


def _notes(state: State, gaps: list[Gap]) -> list[str]:
    notes = [
        f"Posts of {gap.feed} from {gap.since:%d %b %H:%M} to {gap.until:%d %b %H:%M} UTC are missing: "
        "there were more than the server keeps."
        for gap in gaps
    ]
    notes += state.get("changes", [])
    posts, known = len(state["candidates"]), state.get("known", 0)
    if state["entries"]:
        notes.insert(0, f"I read {posts} posts; {known} stories in them you know already.")
    else:
        notes.append(
            f"Nothing to tell: of {posts} posts, {known} stories are known to you and none of the rest stood out."
        )
    return notes
