"""What is forgotten is in no answer any more, in no file, and does not come back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chromadb.api.shared_system_client import SharedSystemClient
from sqlalchemy import text

from bot.jobs.collect import Collector
from bot.jobs.digest import saver
from config.errors import StoreError
from memory.exact import ExactIndex
from memory.index import ChromaIndex
from memory.keeping.backup import back_up
from memory.keeping.beginning import FORGOTTEN, Beginning, beginning
from memory.keeping.choosing import choose
from memory.keeping.forgetting import forget_choice, forget_everything, would_forget
from memory.keeping.health import WatchedIndex
from memory.keeping.sweeping import begin, sweep, unfinished
from memory.records import Evidence, Kind, Message, Outgoing, Reaction, Share, Span
from memory.search import Archive
from memory.store import Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Village, account, digest, post, ref
from tools.links import LinkResolver

CANARY = "quokkafication"
LINK = f"https://news.example/{CANARY}"
EMBEDDER = HashedWords()
ANN, BOB = account("ann"), account("bob")


@pytest.fixture
def data(life: Path, tmp_path: Path) -> Path:
    """A data folder of its own."""
    return shutil.copytree(life, tmp_path / "data")


@pytest.fixture
def lived(data: Path) -> Iterator[Store]:
    """The memory in it."""
    SharedSystemClient.clear_system_cache()
    store = Store.open(data / "magpie.db", OWNER)
    yield store
    store.close()


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which one word went everywhere that a word can go."""
    data = tmp_path_factory.mktemp("life")
    store = Store.open(data / "magpie.db", OWNER)
    village = Village()
    talk = post("talk", f"all about {CANARY}", links=(LINK,), raw={"content": f"<p>{CANARY}</p>"}, title=CANARY)
    other = post("other", "the weather is fine", by="bob")
    for item in (talk, other):
        village.steps.append(fetched(item))
    collect(store, data, village)
    with store.begin() as memory:
        item = memory.items.get(talk.uri)
        assert item is not None
        memory.seen.add_item(item, NOW, Evidence.REACTED)
        memory.reactions.add(Reaction(Kind.LIKE, NOW, talk.uri, event="e1"))
        memory.shares.add(Share(BOB.uri, talk.uri, NOW))
        made = memory.digests.add(replace(digest(item, post("other", by="bob")), notes=(f"a note on {CANARY}",)))
        spans = (Span("strong", "1 · "), Span("handle", ANN.handle), Span("quote", CANARY))
        memory.outbox.queue("pigeon", Outgoing("k1", spans, about=(talk.uri,)), NOW, "", made.entries[0].id, made.id)
        memory.outbox.settle(1, "sent", NOW, "p1")
        memory.messages.add(Message("pigeon", f"1 · @ann: {CANARY}", NOW, "p1", incoming=False), made.entries[0].id)
        memory.messages.add(Message("pigeon", f"what about {CANARY}?", NOW + HOUR, "in1"))
        memory.messages.add(Message("pigeon", "what about the weather?", NOW + HOUR, "in2"))
        memory.outbox.queue("pigeon", Outgoing("k2", (Span("text", f"I found {CANARY}"),)), NOW)
        memory.rules.set_interest(f"more {CANARY}", 1, NOW)
        for uri, words in ((talk.uri, "read"), ("", CANARY)):
            memory.runs.log_call(ModelCall("r1", NOW, "p", 1, "tiny", (uri,), (words,), words, "", 1, 1, 0.1))
    checkpoint(data)
    back_up(data, NOW)
    store.close()
    return data


def fetched(item):  # type: ignore[no-untyped-def]
    from memory.records import Fetched

    author = ANN if item.author == ANN.uri else BOB
    return Fetched(item=item, accounts=(author,), shares=(Share(author.uri, item.uri, item.created_at),))


def collect(store: Store, data: Path, village: Village) -> None:
    index = chroma(store, data)
    Collector(store, EMBEDDER, index, LinkResolver(None), lambda: NOW).collect([village])
    index.chroma.close()


def chroma(store: Store, data: Path) -> WatchedIndex:
    return WatchedIndex(store, ChromaIndex(data / "chroma", OWNER, EMBEDDER.name))


def checkpoint(data: Path) -> None:
    """A run that broke off leaves the words it worked with."""
    from typing import TypedDict

    from langgraph.graph import END, START, StateGraph

    class Words(TypedDict):
        words: str

    graph = StateGraph(Words)
    graph.add_node("think", lambda state: {"words": f"{CANARY} again"})
    graph.add_edge(START, "think")
    graph.add_edge("think", END)
    with saver(data / "checkpoints.db") as kept:
        thread: Any = {"configurable": {"thread_id": "r1"}}
        graph.compile(checkpointer=kept).invoke({"words": CANARY}, thread)


def forgotten(store: Store, data: Path, what: str, **span) -> dict[str, int]:  # type: ignore[no-untyped-def]
    begin(data)
    with store.begin() as memory:
        choice = choose(memory, what, span.get("since"), span.get("until"))
        counts = forget_choice(memory, choice, NOW)
    index = chroma(store, data)
    sweep(data, store, index, EMBEDDER.name, NOW + HOUR)
    index.chroma.close()
    return dict(counts)


def holding(data: Path, word: str) -> list[str]:
    """The files in which the word stands, as text or in the ways JSON and the index of words may have it."""
    wanted = [word.encode(), word.encode("utf-16-le"), word[:-5].encode()]
    files = [path for path in data.rglob("*") if path.is_file()]
    return [str(path.relative_to(data)) for path in files if any(one in path.read_bytes() for one in wanted)]


def test_the_word_is_everywhere_before(lived: Store, data: Path) -> None:
    found = holding(data, CANARY)
    assert {"checkpoints.db", "backups/magpie-2026-11-20T120000Z.db"} <= set(found)
    assert any(name.startswith("magpie.db") for name in found)


def test_a_topic_is_in_no_file_any_more(lived: Store, data: Path) -> None:
    counts = forgotten(lived, data, CANARY.upper())
    assert holding(data, CANARY) == []
    assert {name: counts[name] for name in ("posts", "messages", "interests", "reactions", "calls of a model")} == {
        "posts": 1,
        "messages": 2,
        "interests": 1,
        "reactions": 1,
        "calls of a model": 2,
    }
    assert not unfinished(data)


def test_its_vector_is_in_no_file_any_more(lived: Store, data: Path) -> None:
    with lived.begin() as memory:
        item = memory.items.get(post("talk").uri)
        assert item is not None
    vector = EMBEDDER.embed([item.searchable])[0]
    shapes = [vector.astype("<f2").tobytes(), vector.astype("<f2").astype("<f4").tobytes()]

    def stands() -> set[str]:
        files = [path for path in data.rglob("*") if path.is_file()]
        return {path.parent.name for path in files for shape in shapes if shape in path.read_bytes()}

    assert {"data", "chroma", "backups"} <= stands()
    forgotten(lived, data, CANARY)
    assert stands() == set()


def test_what_has_nothing_to_do_with_it_stays(lived: Store, data: Path) -> None:
    forgotten(lived, data, CANARY)
    with lived.begin() as memory:
        assert memory.items.get(post("other").uri) is not None
        assert (
            memory.conn.scalar(text("SELECT text FROM messages WHERE platform_id = 'in2'")) == "what about the weather?"
        )
        told = memory.digests.latest()
        assert told is not None
        assert [(entry.number, entry.lead, entry.reasons) for entry in told.entries] == [
            (1, "", ()),
            (2, post("other").uri, ("it is new",)),
        ]
        assert memory.seen.known("item", [post("talk").uri]) == {}
        assert memory.seen.known("link", [LINK]) == {}
    archive = Archive(lived, EMBEDDER, chroma(lived, data))
    assert [hit.item.uri for hit in archive.search("weather")] == [post("other").uri]
    assert archive.by_words(CANARY, 9) == []


def test_a_post_is_named_by_its_address_and_is_not_collected_again(lived: Store, data: Path) -> None:
    assert forgotten(lived, data, post("talk").url)["posts"] == 1
    again = Village("again")
    again.steps.append(fetched(post("talk", f"all about {CANARY}")))
    collect(lived, data, again)
    with lived.begin() as memory:
        assert memory.items.get(post("talk").uri) is None
    assert ExactIndex(lived, EMBEDDER.name).count() == 1


def test_an_account_is_forgotten_with_its_name_and_is_not_collected_again(lived: Store, data: Path) -> None:
    forgotten(lived, data, "@ann@fedi.example")
    again = Village("again")
    again.steps += [fetched(post("news of ann", "hello")), fetched(post("news of bob", by="bob"))]
    collect(lived, data, again)
    with lived.begin() as memory:
        assert memory.accounts.get(ANN.uri) is None
        assert memory.items.by_author(ANN.uri) == []
        assert memory.items.get(post("news of bob").uri) is not None
        memory.shares.add(Share(ANN.uri, post("other").uri, NOW))
        assert [share.account for share in memory.shares.of([post("other").uri])] == [BOB.uri]
        told = memory.conn.execute(text("SELECT platform_id FROM messages WHERE text LIKE '%ann%'")).all()
        entries = memory.conn.execute(text("SELECT items, sharers, scored, lead FROM entries")).all()
    assert told == []
    assert "ann" not in str(entries)


def test_what_was_shared_by_somebody_else_stays_without_who_is_forgotten(lived: Store, data: Path) -> None:
    forgotten(lived, data, "@bob@fedi.example")
    with lived.begin() as memory:
        assert memory.items.get(post("talk").uri) is not None
        assert [share.account for share in memory.shares.of([post("talk").uri])] == [ANN.uri]


def test_a_time_is_forgotten_with_all_that_was_said_in_it(lived: Store, data: Path) -> None:
    with lived.begin() as memory:
        memory.rules.drop_interest(f"more {CANARY}")
        memory.rules.set_interest("more bees", 1, NOW)
    village = Village("again")
    village.steps.append(fetched(post("later", "a new day", at=NOW + timedelta(days=1))))
    collect(lived, data, village)
    forgotten(lived, data, "", since=NOW - HOUR, until=NOW + 2 * HOUR)
    assert holding(data, CANARY) == []
    with lived.begin() as memory:
        assert memory.items.count() == 1
        assert memory.reactions.all() == []
        assert memory.runs.calls() == []
        assert memory.conn.execute(text("SELECT id FROM messages WHERE text != ''")).all() == []
        told = memory.digests.latest()
        assert told is not None, "it was told, and is not made again"
        assert [entry.lead for entry in told.entries] == ["", ""]
        assert memory.rules.interests() == {"more bees": 1}


def test_what_waits_is_not_said(lived: Store, data: Path) -> None:
    forgotten(lived, data, CANARY)
    with lived.begin() as memory:
        assert memory.outbox.waiting("pigeon") == []


def test_everything_is_forgotten(lived: Store, data: Path) -> None:
    with lived.begin() as memory:
        found = +forget_everything(memory, NOW)
        assert found == {"posts": 2, **found} and {"messages", "digests", "runs", "wishes"} < set(found)
    sweep(data, lived, chroma(lived, data), EMBEDDER.name, NOW, backup=False)
    assert holding(data, CANARY) == []
    assert holding(data, "fedi.example") == []
    assert not (data / "backups").exists() or list((data / "backups").iterdir()) == []


def test_of_everything_the_instant_is_left_before_which_nothing_is_heard(lived: Store) -> None:
    with lived.begin() as memory:
        assert beginning(memory) is None
        forget_everything(memory, NOW)
        assert beginning(memory) == Beginning(NOW, FORGOTTEN)
        assert not memory.sources.cursor("channel pigeon")


def test_what_would_be_forgotten_is_counted_and_nothing_is_changed(lived: Store) -> None:
    with lived.begin() as memory:
        before, choice = list(memory.conn.connection.iterdump()), choose(memory, CANARY, None, None)  # type: ignore[attr-defined]
        counted = would_forget(memory, choice, NOW)
        assert list(memory.conn.connection.iterdump()) == before  # type: ignore[attr-defined]
        assert counted == +forget_choice(memory, choice, NOW)
        assert would_forget(memory, choose(memory, "nosuchword", None, None), NOW) == {}


def test_everything_of_one_owner_is_nothing_of_another(lived: Store, data: Path) -> None:
    stranger = Store(lived.engine, "you@home.example")
    with stranger.begin() as memory:
        memory.items.keep(post("mine"), NOW)
        forget_everything(memory, NOW)
    with lived.begin() as memory:
        assert memory.items.count() == 2


def test_backups_made_without_a_name_are_replaced_and_others_are_not_touched(lived: Store, data: Path) -> None:
    elsewhere = back_up(data, NOW, data.parent / "mine.db")
    forgotten(lived, data, CANARY)
    assert [path.name for path in (data / "backups").iterdir()] == ["magpie-2026-11-20T130000Z.db"]
    assert CANARY.encode() in elsewhere.read_bytes()


def test_another_program_that_reads_is_told_of_and_the_sweep_is_not_done(
    lived: Store, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **given: connect(path, **given | {"timeout": 0.01}))
    begin(data)
    reader = connect(data / "magpie.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM items").fetchone()
    with lived.begin() as memory:
        memory.items.purge(ref("talk"), NOW)
    with pytest.raises(StoreError, match=r"What was forgotten is still in .* forget it once more"):
        sweep(data, lived, chroma(lived, data), EMBEDDER.name, NOW)
    assert unfinished(data)
    reader.close()
    sweep(data, lived, chroma(lived, data), EMBEDDER.name, NOW)
    assert not unfinished(data)
