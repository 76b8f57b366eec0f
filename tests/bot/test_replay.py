"""Replay: yesterday's input with today's weights, a broken run gone on with, and nothing said twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agents.digest import NODES
from bot.jobs import settle_broken
from bot.jobs.checkpoints import clear, saver, threads, tidy
from bot.jobs.replay import Difference, Replayed, ReplayError, differences
from memory.records import Digest, Entry, Evidence
from memory.store import Store
from tests.bot.newsroom import Newsroom, life_goes_on
from tests.fakes import HOUR, NOW, post


def told(made: Digest | Replayed) -> list[tuple[int, str, tuple[str, ...]]]:
    digest = made.digest if isinstance(made, Replayed) else made
    return [(entry.number, entry.lead, entry.reasons) for entry in digest.entries]


def plain(digest: Digest) -> object:
    """Its entries; a checkpoint does not tell tuples from lists."""
    return json.loads(json.dumps([asdict(replace(entry, id=0)) for entry in digest.entries]))


def test_whatever_is_learnt_since_a_run_comes_to_the_same_from_each_of_its_nodes(room: Newsroom) -> None:
    room.village.tells(read_up_to=("home", NOW - 9 * HOUR))
    made = room.digest()
    life_goes_on(room)
    before = room.kept()
    for node in ("", *NODES):
        replayed = room.player.replay(made.run, node)
        assert len(made.entries) == 3 and told(replayed) == told(made)
        assert plain(replayed.digest) == plain(made)
        assert (replayed.digest.made_at, replayed.digest.date) == (made.made_at, made.date)
        assert replayed.before is not None and differences(replayed.before, replayed.digest.entries) == []
        assert room.nodes(replayed.run) == list(NODES)[list(NODES).index(node or "gather") :]
        assert room.kept() == before and not replayed.queued


def test_a_run_from_before_stories_were_kept_as_rows_comes_to_the_same_too(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        for place in ("agents.digest.rows_of", "agents.digest.stories_of", "bot.jobs.walk.stories_of"):
            then.setattr(place, list)
        digest = room.digest()
    assert digest.entries
    for node in NODES:
        assert told(room.player.replay(digest.run, node)) == told(digest), node


def test_a_replay_is_a_run_that_says_what_it_replays_and_can_be_replayed_itself(room: Newsroom) -> None:
    made = room.digest()
    replayed = room.player.replay(made.run, "rank")
    (row,) = room.runs("replay")
    assert (row.id, row.replays, row.state) == (replayed.run, made.run, "done")
    assert row.counts["candidates"] == 3 and row.counts["entries"] == 3
    again = room.player.replay(replayed.run, "explain")
    assert told(again) == told(made) and again.before is not None


def test_another_floor_shows_what_it_would_have_changed_yesterday(room: Newsroom) -> None:
    made = room.digest()
    life_goes_on(room)
    scores = [entry.score for entry in made.entries]
    floor = (sorted(scores)[0] + sorted(scores)[1]) / 2
    replayed = room.at_work(floor=floor).replay(made.run, "rank")
    weakest = min(made.entries, key=lambda entry: entry.score)
    assert {entry.lead for entry in replayed.digest.entries} == {e.lead for e in made.entries} - {weakest.lead}
    assert replayed.before is not None
    went = [d for d in differences(replayed.before, replayed.digest.entries) if d.now is None]
    assert [(d.entry.lead, d.was) for d in went] == [(weakest.lead, weakest.number)]


def test_a_replay_after_the_weighing_is_not_changed_by_another_weight(room: Newsroom) -> None:
    made = room.digest()
    assert told(room.at_work(floor=99).replay(made.run, "explain")) == told(made)


def test_what_is_deleted_since_is_not_told_in_a_replay(room: Newsroom) -> None:
    made = room.digest()
    room.village.deletes(post("bob").ref)
    room.collect()
    replayed = room.player.replay(made.run, "rank")
    assert {entry.lead for entry in replayed.digest.entries} == {post("ann").uri, post("cy").uri}
    assert [entry.number for entry in replayed.digest.entries] == [1, 2]


@pytest.mark.parametrize("node", ["gather", "rank", "compose"])
def test_a_run_that_broke_goes_on_at_the_node_where_it_stopped(
    room: Newsroom, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = room.breaks(node, monkeypatch)
    (row,) = room.runs("digest")
    assert row.state == "failed" and row.failures == [f"digest broke off in {node} (BrokenError); see the log."]
    replayed = room.player.replay(run)
    assert replayed.node == node and len(replayed.digest.entries) == 3
    assert room.nodes(replayed.run) == list(NODES)[list(NODES).index(node) :]
    assert room.kept() == (0, 0, 0)


def test_a_run_that_was_killed_is_called_broken_off_and_can_be_gone_on_with(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = room.breaks("rank", monkeypatch)
    with room.store.begin() as memory:
        memory.conn.execute(
            text("UPDATE runs SET state = 'running', ended = NULL, failures = '[]' WHERE job = 'digest'")
        )
    assert [settle_broken(room.store, NOW + HOUR) for _ in range(2)] == [1, 0]
    (row,) = room.runs("digest")
    assert (row.id, row.state, row.ended) == (run, "broken off", None) and "20 Nov 13:00" in row.failures[0]
    assert room.player.replay(run).node == "rank"


def test_what_came_before_the_graph_was_through_is_queued_as_the_digest_of_its_day(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = room.breaks("explain", monkeypatch)
    room.clock[0] += 3 * HOUR
    replayed = room.player.replay(run, editor=room.editor)
    assert replayed.queued and not replayed.unsent
    made = replayed.digest
    assert (made.date, made.slot, made.made_at, made.run) == (NOW.date(), 0, NOW, replayed.run)
    with room.store.begin() as memory:
        assert memory.digests.of_date(NOW.date(), "pigeon", 0) == made
        assert [queued.out.key for queued in memory.outbox.waiting("pigeon")] == [
            f"digest/pigeon/2026-11-20{end}" for end in ("", "/1", "/2", "/3")
        ]
    assert room.editor.digest("pigeon") == made


def test_a_day_that_has_its_digest_gets_no_second_one(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    run = room.breaks("rank", monkeypatch)
    room.digest()
    before = room.kept()
    replayed = room.player.replay(run, editor=room.editor)
    assert replayed.unsent == "There is a digest of 2026-11-20 already: nothing is sent."
    assert not replayed.queued and len(replayed.digest.entries) == 3 and room.kept() == before


def test_a_day_is_not_told_after_the_next_one(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    run = room.breaks("rank", monkeypatch)
    room.clock[0] += timedelta(days=1)
    assert len(room.digest().entries) == 3
    before = room.kept()
    replayed = room.player.replay(run, editor=room.editor)
    assert "A digest of 2026-11-21 was made since" in replayed.unsent and room.kept() == before


def test_what_the_owner_has_seen_since_is_not_sent(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    run = room.breaks("drop_seen", monkeypatch)
    with room.store.begin() as memory:
        item = memory.items.get(post("bob").uri)
        assert item is not None
        memory.seen.add_item(item, NOW + HOUR, Evidence.REACTED)
    leads = {entry.lead for entry in room.player.replay(run, editor=room.editor).digest.entries}
    assert leads == {post("ann").uri, post("cy").uri}


def test_what_cannot_be_replayed_is_said_in_one_sentence(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    run = room.breaks("group", monkeypatch)
    room.editor.preview("pigeon")
    replays: dict[str, Callable[[], Any]] = {
        "There is no run 'x', or more than one": lambda: room.player.replay("x"),
        "more than one begins so": lambda: room.player.replay(f"{NOW:%Y}"),
        "did collect: only digests": lambda: room.player.replay(room.runs("collect")[0].id),
        "did preview: only digests": lambda: room.player.replay(room.runs("preview")[0].id),
        "no node 'guess' in the graph: there are gather, group,": lambda: room.player.replay(run, "guess"),
        "never came to 'rank': it stopped before 'group'": lambda: room.player.replay(run, "rank"),
    }
    for sentence, replay in replays.items():
        with pytest.raises(ReplayError, match=sentence):
            replay()
    assert clear(room.editor.checkpoints) == 1
    with pytest.raises(ReplayError, match="has left no checkpoint: they are kept for 14 days"):
        room.player.replay(run)


def test_a_run_is_kept_for_two_weeks_and_then_leaves_nothing_in_the_file(room: Newsroom) -> None:
    old = room.digest().run
    room.clock[0] += timedelta(days=1)
    young = room.digest().run
    path, word = room.editor.checkpoints, post("ann").uri.encode()
    assert word in content(path)
    assert tidy(room.store, path, NOW + timedelta(days=13.9)) == 0
    assert tidy(room.store, path, NOW + timedelta(days=14.1)) == 1
    with saver(path) as checkpoints:
        assert threads(checkpoints) == [f"{young}/0"]
    assert room.nodes(old) and tidy(room.store, path, NOW + timedelta(days=99)) == 1
    assert not room.nodes(old) and room.runs("digest")[1].id == old
    assert word not in content(path)


def content(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_file_that_was_never_there_is_tidy(store: Store, tmp_path: Path) -> None:
    assert tidy(store, tmp_path / "none.db", NOW) == 0 and not (tmp_path / "none.db").exists()


def test_entries_that_share_an_item_are_the_same() -> None:
    one, two, three = (Entry(n, f"u{n}", (f"u{n}", f"v{n}"), ()) for n in (1, 2, 3))
    moved, came = replace(two, number=1, lead="v2"), Entry(2, "u9", ("u9",), ())
    assert differences((one, two, three), (moved, came, three)) == [
        Difference(moved, 2, 1),
        Difference(came, None, 2),
        Difference(one, 1, None),
    ]
