"""The digest graph over a real memory: gather → group → drop seen → rank → explain → compose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.digest import NODES, Desk, build, counts
from agents.gathering import Reading
from agents.stories.stream import SAME_MEANING, SAME_TEXT
from bot.jobs.checkpoints import saver
from bot.jobs.collect import Collector
from memory.records import Digest, Evidence, Gap, Item, Kind, Reaction, Rule
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, Village, account, post
from tools.links import is_general

DAY = timedelta(days=1)
CANARY = "quetzalcoatlus"
BRIDGE = "https://news.example/bridge"
BRIDGE_TEXT = "The old bridge over the river will be closed for two years from Monday on, says the council"
BEES_TEXT = "Our bees have survived the winter well and today the first of them flew out to the willows"
ROOK_TEXT = "A game of chess from last night where white gives up the rook and wins thirty moves later"


class BrokenError(Exception):
    """What a node raises in a test."""


@dataclass
class Newsroom:
    """A village, its memory, and the graph over it. What is told is delivered."""

    store: Store
    collector: Collector
    village: Village
    desk: Desk
    path: Path

    def posts(self, name: str, text: str, by: str = "ann", hours: float = -2, **more: Any) -> Item:
        return self.village.posts(post(name, text, by=by, at=NOW + hours * HOUR, **more))

    def run(self, days: int = 0, thread: str = "", state: dict[str, Any] | None = None, **desk: Any) -> dict[str, Any]:
        """The last state of a run; with a thread and no state it goes on where that thread was left."""
        until = NOW + days * DAY
        begin = {
            "run": f"run {days}",
            "day": until.date(),
            "channel": "pigeon",
            "since": until - 1.5 * DAY,
            "until": until,
        }
        with saver(self.path) as checkpointer:
            config: Any = {"configurable": {"thread_id": thread or f"run {days}"}}
            given = begin if state is None else None
            context = replace(self.desk, **desk)
            done: dict[str, Any] = build(checkpointer).invoke(given, config, context=context, durability="sync")
        return done

    def digest(self, days: int = 0, **desk: Any) -> Digest:
        """The digest of a day, kept and delivered."""
        self.collector.collect([self.village])
        made = self.run(days, **desk)["digest"]
        with self.store.begin() as memory:
            digest = memory.digests.add(made)
            for item in memory.items.all({uri for entry in digest.entries for uri in entry.items}).values():
                memory.seen.add_item(item, digest.made_at, Evidence.DELIVERED)
        return digest


@pytest.fixture
def room(store: Store, collector: Collector, village: Village, embedder: HashedWords, tmp_path: Path) -> Newsroom:
    village.tells(followed=frozenset(account(n).uri for n in ("ann", "bob", "cy", "dot", "eve", "flo")))
    desk = Desk(Reading(store, embedder, account("me").uri), floor=-99, is_general=is_general)
    return Newsroom(store, collector, village, desk, tmp_path / "checkpoints.db")


def leads(digest: Digest) -> list[str]:
    return [entry.lead.rsplit("/", 1)[1] for entry in digest.entries]


def linked(url: str) -> dict[str, Any]:
    return {"links": (url,), "canonical": ()}


def test_the_nodes_stand_in_the_order_in_which_one_thinks() -> None:
    picture = build().get_graph()
    onward = {edge.source: edge.target for edge in picture.edges}
    node, order = "__start__", []
    while (node := onward[node]) != "__end__":
        order.append(node)
    assert order == list(NODES) == ["gather", "group", "drop_seen", "rank", "judge", "choose", "explain", "compose"]


def test_what_several_share_is_one_numbered_entry_with_its_reasons(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT, **linked(f"{BRIDGE}?utm_source=x"))
    room.posts("b", "Finally!", by="bob", **linked(BRIDGE))
    room.posts("c", BEES_TEXT, by="cy")
    digest = room.digest()
    assert [entry.number for entry in digest.entries] == [1, 2] and leads(digest) == ["a", "c"]
    first = digest.entries[0]
    assert len(first.items) == 2 and first.links == (BRIDGE,)
    assert first.reasons[0] == "2 people you follow shared it (@ann, @bob)"
    assert first.score == pytest.approx(sum(f.points for f in first.factors)) and first.score > digest.entries[1].score


def test_the_head_of_the_notes_says_what_was_read(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT)
    assert room.digest().notes == ("I read 1 post; 0 stories in them you know already.",)
    room.posts("b", BEES_TEXT, by="bob", hours=20)
    assert room.digest(days=1).notes == ("I read 2 posts; 1 story in them you know already.",)


def test_a_quiet_day_says_quietly_why(room: Newsroom) -> None:
    digest = room.digest(floor=99)
    assert digest.entries == () and digest.notes[0].startswith("Nothing to tell: of 0 posts, 0 stories")


def test_gaps_are_told(room: Newsroom) -> None:
    gap = Gap("home", NOW - 9 * HOUR, NOW - 8 * HOUR)
    assert any("Posts of home from 20 Nov 03:00 to 20 Nov 04:00" in n for n in room.digest(gaps=lambda: [gap]).notes)


def test_what_was_told_is_not_told_again_when_it_is_boosted_or_linked_otherwise(room: Newsroom) -> None:
    told = room.posts("a", BRIDGE_TEXT, **linked(BRIDGE))
    assert leads(room.digest()) == ["a"]
    room.village.boosts("bob", told, at=NOW + 20 * HOUR)
    room.posts("b", "Have you seen this one here, about the bridge?", by="cy", hours=21, **linked(f"{BRIDGE}?fbclid=9"))
    room.posts("c", "Yes, I drive over it every single day to my work", hours=22, reply_to="a")
    assert leads(room.digest(days=1)) == []


def test_a_story_that_has_really_grown_returns_led_by_something_new(room: Newsroom) -> None:
    at_length = f"{BRIDGE_TEXT}, because the steel ropes have rusted through and new ones take eighteen months to make"
    room.posts("a", at_length, **linked(BRIDGE))
    room.digest()
    for number, name in enumerate(("bob", "cy", "dot")):
        text = "wow" if name == "dot" else f"{name} thinks that this is {name}'s way to work"
        room.posts(name, text, by=name, hours=20 + number, **linked(BRIDGE))
    (entry,) = room.digest(days=1).entries
    assert entry.grown_by == 3 and "3 more people since it was told" in entry.reasons
    assert entry.lead in {post("bob").uri, post("cy").uri}


def test_a_story_that_grew_by_boosts_alone_returns_with_the_post_it_is_about(room: Newsroom) -> None:
    told = room.posts("a", BRIDGE_TEXT)
    room.digest()
    for name in ("bob", "cy", "dot"):
        room.village.boosts(name, told, at=NOW + 20 * HOUR)
    (entry,) = room.digest(days=1).entries
    assert entry.lead == told.uri and entry.grown_by == 3


def test_news_that_is_only_related_to_what_was_told_is_not_lost_with_it(room: Newsroom) -> None:
    told = room.posts("a", "the bridge is closed from monday because of rust in the steel ropes")
    room.digest()
    related = room.posts("b", "the bridge is closed from monday and a ferry goes in place of the trams", "bob", 20)
    assert leads(room.digest(days=1)) == ["b"]
    one, other = room.desk.reading.embedder.embed([told.text, related.text])
    assert SAME_MEANING < float(one @ other) < SAME_TEXT


def test_what_the_owner_has_answered_is_known(room: Newsroom) -> None:
    item = room.posts("a", BRIDGE_TEXT)
    room.collector.collect([room.village])
    with room.store.begin() as memory:
        memory.seen.add_item(item, NOW, Evidence.REPLIED)
    assert leads(room.digest()) == []


def test_front_pages_are_no_story(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT, **linked("https://news.example/"))
    room.posts("b", BEES_TEXT, by="bob", **linked("https://news.example"))
    assert len(room.digest().entries) == 2


def test_a_mute_hides_an_author_in_the_next_digest(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT)
    room.posts("b", BEES_TEXT, by="bob")
    with room.store.begin() as memory:
        memory.rules.add(Rule("mute", account("ann").uri))
    assert leads(room.digest()) == ["b"]


def test_feedback_since_the_last_digest_is_told_with_what_it_changes(room: Newsroom) -> None:
    told = room.posts("a", BEES_TEXT)
    room.digest()
    room.posts("b", BRIDGE_TEXT, by="bob", hours=20)
    room.posts("c", BEES_TEXT.replace("today", "on Friday") + " and the lilacs", by="cy", hours=20)
    with room.store.begin() as memory:
        memory.reactions.add(Reaction(Kind.LESS, NOW + HOUR, told.uri))
    less = room.digest(days=1, entries=1, explore=0)
    assert leads(less) == ["b"] and any("feedback" in note.lower() or "moved" in note for note in less.notes)


def test_a_summary_is_asked_for_each_entry_with_the_texts_of_its_story(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT, **linked(BRIDGE))
    room.posts("b", "Finally!", by="bob", **linked(BRIDGE))
    asked: list[tuple[str, list[str]]] = []

    def summarise(run: str, items: list[Item]) -> str:
        asked.append((run, [item.text for item in items]))
        return "A bridge is closed."

    (entry,) = room.digest(summarise=summarise).entries
    assert entry.summary == "A bridge is closed." and asked == [("run 0", [BRIDGE_TEXT, "Finally!"])]


def test_a_checkpoint_holds_no_words_of_anybody_and_no_summary_of_them(room: Newsroom) -> None:
    room.posts("a", f"{BRIDGE_TEXT} {CANARY}", tags=(CANARY,), by="zoe")
    digest = room.digest(summarise=lambda run, items: f"A {CANARY} was seen.")
    assert CANARY in digest.entries[0].summary
    kept = b"".join(path.read_bytes() for path in room.path.parent.glob(f"{room.path.name}*"))
    assert len(kept) > 10_000 and post("a").uri.encode() in kept
    assert CANARY.encode() not in kept


@pytest.mark.parametrize("node", NODES)
def test_a_run_that_broke_in_a_node_goes_on_from_there(
    room: Newsroom, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.posts("a", BRIDGE_TEXT)
    room.collector.collect([room.village])
    whole = room.run(thread="whole")["digest"]
    ran, trouble = spied(monkeypatch, node)
    with pytest.raises(BrokenError):
        room.run(thread="broken")
    trouble.clear()
    ran.clear()
    resumed = room.run(thread="broken", state={})["digest"]
    assert plain(resumed) == plain(whole) and resumed.entries[0].reasons
    assert ran == list(NODES)[list(NODES).index(node) :]


def plain(digest: Digest) -> object:
    """What it says; a checkpoint does not tell tuples from lists."""
    return json.loads(json.dumps(asdict(digest), default=str))


def spied(monkeypatch: pytest.MonkeyPatch, breaks: str) -> tuple[list[str], list[BrokenError]]:
    """Which nodes have run; and the troubles that one of them has."""
    ran: list[str] = []
    trouble = [BrokenError()]

    def watched(name: str, node: Callable[..., Any]) -> Callable[..., Any]:
        def run(state: Any, runtime: Any) -> Any:
            ran.append(name)
            if name == breaks and trouble:
                raise trouble[0]
            return node(state, runtime)

        return run

    for name, node in list(NODES.items()):
        monkeypatch.setitem(NODES, name, watched(name, node))
    return ran, trouble


def test_what_is_deleted_while_a_run_was_broken_is_not_told(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.posts("a", BRIDGE_TEXT)
    room.posts("b", BEES_TEXT, by="bob")
    room.collector.collect([room.village])
    _, trouble = spied(monkeypatch, "explain")
    with pytest.raises(BrokenError):
        room.run()
    trouble.clear()
    room.village.deletes(post("a").ref)
    room.collector.collect([room.village])
    digest = room.run(state={})["digest"]
    assert leads(digest) == ["b"] and [entry.number for entry in digest.entries] == [1]


def test_thinking_twice_comes_to_the_same(room: Newsroom) -> None:
    for number, text in enumerate((BRIDGE_TEXT, BEES_TEXT, ROOK_TEXT)):
        room.posts(f"p{number}", text, by=("ann", "bob", "cy")[number])
    room.collector.collect([room.village])
    assert room.run(thread="one")["digest"] == room.run(thread="two")["digest"]


def test_what_a_state_holds_is_counted(room: Newsroom) -> None:
    room.posts("a", BRIDGE_TEXT)
    room.collector.collect([room.village])
    lists = {"candidates": 1, "stories": 1, "entries": 1, "explained": 1, "changes": 0}
    assert counts(room.run()) == lists | {"known": 0, "considered": 1}
    assert counts({"left_out": {"your own": 2, "muted or blocked accounts": 1}}) == {"left_out": 3}
    assert counts({"run": "r", "until": NOW}) == {}


def test_a_digest_is_of_the_hour_that_the_run_began_with(room: Newsroom) -> None:
    begin = {"run": "r", "day": NOW.date(), "channel": "pigeon", "since": NOW - DAY, "until": NOW, "slot": 2}
    assert build().invoke(begin, context=room.desk)["digest"].slot == 2  # type: ignore[call-overload]
    assert room.run()["digest"].slot == 0
