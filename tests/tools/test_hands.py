"""What a model may do while it answers: look, and nothing else."""

from __future__ import annotations

import pytest
from langchain_core.tools import ToolException
from pydantic import ValidationError

from agents.vocabulary import FUNCTION_WORDS
from bot.jobs.collect import Collector
from memory.query import Filters, Hit
from memory.records import Consent, Item, Rule
from memory.search import Archive
from tests.fakes import HOUR, NOW, Village, account, post
from tools.hands import FOUND, Hands


@pytest.fixture
def archive(village: Village, collector: Collector) -> Archive:
    root = post("root", "The bridge is closed", by="ann", at=NOW - HOUR)
    village.posts(root)
    village.posts(post("answer", "For how long?", by="ben", reply_to="root"))
    village.posts(post("bees", "Bees on the clock", by="cleo"))
    village.posts(post("unfound", "The bridge, again", by="shy"), Consent.NOINDEX)
    village.boosts("ben", root)
    collector.collect([village])
    return Archive(collector.store, collector.embedder, collector.index, FUNCTION_WORDS)


def hands(archive: Archive, *passages: Item, **more: object) -> Hands:
    known = [Hit(item, 1.0, ()) for item in passages]
    return Hands(archive, lambda: NOW, **({"may_read": lambda item: True, "passages": lambda: known} | more))  # type: ignore[arg-type]


def looked(hands: Hands, tool: str, **given: object) -> list[str]:
    """What a call brings, as a model's call goes."""
    (chosen,) = [one for one in hands.tools() if one.name == tool]
    message = chosen.invoke({"type": "tool_call", "id": "1", "name": tool, "args": given})
    assert message.content == f"{len(message.artifact)} found"
    return [hit.item.uri.rsplit("/", 1)[-1] for hit in message.artifact]


def kept(archive: Archive, name: str) -> Item:
    with archive.store.begin() as memory:
        item = memory.items.get(post(name).uri)
    assert item is not None
    return item


def test_it_searches_within_what_is_asked_for(archive: Archive) -> None:
    assert looked(hands(archive), "search_archive", words="bridge")[0] == "root"
    by_cleo = Filters(people=frozenset({account("cleo").uri}))
    assert looked(hands(archive, filters=by_cleo), "search_archive", words="bridge") == ["bees"]


def test_it_reads_an_item_its_thread_and_its_author(archive: Archive) -> None:
    root = kept(archive, "root")
    assert looked(hands(archive, root), "read_item", number=1) == ["root"]
    assert looked(hands(archive, root), "thread_of", number=1) == ["root", "answer"]
    assert looked(hands(archive), "posts_by", who="@ann@fedi.example") == ["root"]


def test_what_is_trending_is_what_most_people_share(archive: Archive) -> None:
    assert looked(hands(archive), "what_is_trending")[0] == "root"
    assert looked(Hands(archive, lambda: NOW + 72 * HOUR, lambda item: True), "what_is_trending") == []


def test_it_lists_the_newest_notes(archive: Archive) -> None:
    with archive.store.begin() as memory:
        notes = [memory.notes.add(f"note {n}", account("me").uri, NOW + n * HOUR).uri for n in range(FOUND + 2)]
    found = looked(hands(archive), "list_notes")
    assert found == [uri.rsplit("/", 1)[-1] for uri in reversed(notes)][:FOUND]


@pytest.mark.parametrize("tool", ["read_item", "thread_of"])
def test_a_passage_that_is_not_there_brings_nothing(archive: Archive, tool: str) -> None:
    assert looked(hands(archive), tool, number=7) == []
    with pytest.raises((ValidationError, ToolException)):
        looked(hands(archive), tool, number=-1)


def test_nobody_of_that_name_brings_nothing(archive: Archive) -> None:
    assert looked(hands(archive), "posts_by", who="nobody@nowhere.example") == []


def test_what_may_not_be_read_is_not_brought_by_any_tool(archive: Archive) -> None:
    blind = hands(archive, kept(archive, "root"), may_read=lambda item: False)
    given = {"search_archive": {"words": "bridge"}, "posts_by": {"who": "ann"}, "read_item": {"number": 1}}
    for tool in blind.tools():
        wanted = given.get(tool.name, {"number": 1} if "number" in tool.args else {})
        assert looked(blind, tool.name, **wanted) == []


def test_who_asks_to_be_kept_out_of_searches_or_is_muted_is_not_brought(archive: Archive) -> None:
    assert looked(hands(archive), "posts_by", who="shy@fedi.example") == []
    with archive.store.begin() as memory:
        memory.rules.add(Rule("mute", account("ann").uri))
    assert looked(hands(archive), "posts_by", who="ann@fedi.example") == []


def test_no_tool_changes_anything(archive: Archive) -> None:
    def everything() -> list[str]:
        with archive.store.begin() as memory:
            assert memory.conn.connection.driver_connection is not None
            return list(memory.conn.connection.driver_connection.iterdump())

    before = everything()
    all_of_them = hands(archive, kept(archive, "root"))
    for tool in all_of_them.tools():
        given = {"words": "bridge", "who": "ann", "number": 1}
        looked(all_of_them, tool.name, **{name: given[name] for name in tool.args})
    assert everything() == before
