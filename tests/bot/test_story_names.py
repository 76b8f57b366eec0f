"""From digest to digest a story goes by the name that it had."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.jobs.checkpoints import KEPT, tidy
from tests.bot.newsroom import TEXTS, Newsroom
from tests.fakes import account, post

BRIDGE = post("ann").uri


def names(room: Newsroom) -> dict[str, str]:
    with room.store.begin() as memory:
        uris = memory.shares.items_between(room.clock[0] - timedelta(days=30), room.clock[0])
        return memory.stories.names(uris, room.clock[0] + timedelta(seconds=1))


def test_a_digest_keeps_the_names_of_all_stories_that_it_has_looked_at(room: Newsroom) -> None:
    room.digest()
    assert len(set(names(room).values())) == len(names(room)) == len(TEXTS)


def test_what_is_older_and_came_in_later_joins_the_story_under_its_name(room: Newsroom) -> None:
    room.editor = replace(room.editor, desk=replace(room.editor.desk, entries=0))  # all of it stays untold
    room.digest()
    before = names(room)
    room.village.tells(followed=frozenset({account("dot").uri, account("ann").uri}))
    room.clock[0] += timedelta(days=1)
    older = room.posts("older", TEXTS["ann"], by="dot", hours=-30)
    room.digest()
    after = names(room)
    assert after[older.uri] == after[BRIDGE] == before[BRIDGE]
    assert {uri: after[uri] for uri in before} == before


def test_a_preview_names_nothing(room: Newsroom) -> None:
    room.collect()
    room.editor.preview("pigeon")
    assert names(room) == {}


def test_a_run_that_broke_and_is_gone_on_with_names_them_too(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    run = room.breaks("rank", monkeypatch)
    assert names(room) == {}
    room.player.replay(run)
    assert names(room) == {}, "a replay is told to nobody"
    room.player.replay(run, editor=room.editor)
    assert len(names(room)) == len(TEXTS)


def test_old_names_are_tidied_away(room: Newsroom) -> None:
    room.digest()
    tidy(room.store, room.editor.checkpoints, room.clock[0] + KEPT)
    assert names(room)
    tidy(room.store, room.editor.checkpoints, room.clock[0] + KEPT + timedelta(seconds=1))
    assert names(room) == {}
