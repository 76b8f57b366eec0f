"""The store: all or nothing, and no owner ever sees what is another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from config.errors import StoreError
from memory.records import Evidence, Gap, Kind, Message, Occasion, Reaction, Rule, Share, State, Step
from memory.store import Memory, Store
from memory.store.judgements import Judgement
from memory.store.questions import Question
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, account, digest, post, ref, words

MODEL = "hashed words"
LINK = "https://news.example/a"


def live(memory: Memory) -> None:
    """Something of everything."""
    memory.accounts.keep([account("ann")])
    memory.items.keep(post("root", links=(LINK,)), NOW)
    memory.items.keep(post("answer", reply_to="root"), NOW)
    memory.items.keep(post("gone"), NOW)
    root = memory.items.by_ref(ref("root"))
    assert root is not None
    memory.shares.add(Share(account("ann").uri, root.uri, NOW))
    memory.seen.add_item(root, NOW, Evidence.REACTED)
    memory.seen.read_up_to("home", NOW)
    memory.reactions.add(Reaction(Kind.LIKE, NOW, root.uri, event="e1"))
    memory.rules.add(Rule("word", "horoscope"))
    memory.rules.set_interest("rail", 1, NOW)
    memory.vectors.put(MODEL, [(root, np.eye(2, dtype=np.float32)[0])])
    memory.vectors.mark_indexed(MODEL, [root.id])
    memory.items.purge(ref("gone"), NOW)
    memory.sources.move("village", {"home": "7"})
    memory.sources.add_gap("village", Gap("home", NOW - HOUR, NOW))
    memory.sources.keep_resolved({"short": LINK})
    entry = memory.digests.add(digest(root)).entries[0]
    memory.messages.add(Message("pigeon", "hello", NOW, "m1"), entry.id, 1)
    memory.messages.add(Message("pigeon", "hello", NOW, "m2", incoming=False))
    memory.questions.add(Question("pigeon", "m1", "c1", "hello?", NOW))
    memory.notes.add("the key is with Ana", "me", NOW)
    memory.outbox.queue("pigeon", words("k1", "hello"), NOW)
    memory.outbox.queue("pigeon", words("k2", "hello"), NOW, entry_id=entry.id)
    memory.outbox.settle(memory.outbox.waiting("pigeon")[1].id, "sent", NOW, "p2")
    memory.outbox.settle(memory.outbox.waiting("pigeon")[0].id, "sending", NOW)
    memory.occasions.settle(Occasion("pigeon", NOW.date(), 0, State.QUIET, NOW, "a quiet day"))
    memory.preferences.choose("zone", "Asia/Tokyo", NOW)
    memory.items.keep(post("hello"), NOW, indexable=False)
    memory.chaff.lay_aside(post("hello").uri, "a greeting")
    memory.judgements.keep([Judgement("r1", NOW, root.uri, "tiny", 1, 7.0)])
    memory.stories.keep({root.uri: LINK}, NOW)
    run = memory.runs.begin("collect", NOW)
    memory.runs.add_step(Step(run, "gather", NOW, 0.1))
    memory.runs.log_call(ModelCall(run, NOW, "p", 1, "tiny", (root.uri,), ("hello",), "", "", 1, 1, 0.1))


def _uncut(memory: Memory) -> None:
    memory.conn.execute(text('UPDATE passages SET "end" = -1'))


QUESTIONS: dict[str, Callable[[Memory], Any]] = {
    "accounts.all": lambda m: m.accounts.all(),
    "accounts.by_handle": lambda m: m.accounts.by_handle("ann"),
    "accounts.people": lambda m: m.accounts.people(),
    "accounts.get": lambda m: m.accounts.get(account("ann").uri),
    "chaff.all": lambda m: m.chaff.all(9),
    "chaff.reasons": lambda m: m.chaff.reasons([post("hello").uri]),
    "chaff.said_by": lambda m: m.chaff.said_by(account("ann").uri, 20),
    "digests.digest_of": lambda m: m.digests.digest_of(digest(post("a")).entries[0].__class__(1, "", (), (), id=1)),
    "digests.entry": lambda m: m.digests.entry(1),
    "digests.latest": lambda m: m.digests.latest(),
    "digests.of_run": lambda m: m.digests.of_run(""),
    "digests.of_date": lambda m: m.digests.of_date(NOW.date(), "pigeon"),
    "digests.since": lambda m: m.digests.since(NOW - HOUR),
    "items.at": lambda m: m.items.at(LINK),
    "items.all": lambda m: m.items.all([post("root").uri]),
    "items.by_author": lambda m: m.items.by_author(account("ann").uri),
    "items.by_id": lambda m: m.items.by_id(range(9)),
    "items.by_ref": lambda m: m.items.by_ref(ref("root")),
    "items.count": lambda m: m.items.count(),
    "items.is_gone": lambda m: m.items.is_gone(post("gone")),
    "items.get": lambda m: m.items.get(post("root").uri),
    "items.in_thread": lambda m: m.items.in_thread(ref("root")),
    "items.unchecked": lambda m: m.items.unchecked("village", NOW - HOUR, NOW + HOUR, 9),
    "judgements.by": lambda m: m.judgements.by("tiny", NOW, NOW),
    "judgements.of_run": lambda m: m.judgements.of_run("r1"),
    "messages.digest_of": lambda m: m.messages.digest_of("pigeon", "m1"),
    "messages.entry_of": lambda m: m.messages.entry_of("pigeon", "m1"),
    "messages.said": lambda m: m.messages.said("pigeon"),
    "messages.known": lambda m: m.messages.known("pigeon", "m1"),
    "messages.told_entry": lambda m: m.messages.told_entry("pigeon", "m1"),
    "occasions.get": lambda m: m.occasions.get("pigeon", NOW.date(), 0),
    "occasions.latest": lambda m: m.occasions.latest("pigeon"),
    "notes.all": lambda m: m.notes.all(),
    "notes.said": lambda m: m.notes.said(),
    "outbox.about": lambda m: m.outbox.about("pigeon", "k2"),
    "outbox.astray": lambda m: m.outbox.astray("pigeon", NOW - HOUR),
    "outbox.platform_id": lambda m: m.outbox.platform_id("pigeon", "k2"),
    "outbox.told": lambda m: m.outbox.told("pigeon", 1),
    "outbox.still_open": lambda m: m.outbox.still_open(1),
    "outbox.waiting": lambda m: m.outbox.waiting("pigeon"),
    "passages.around": lambda m: [m.passages.around(item, 1) for item in m.items.by_id(range(9)).values()],
    "passages.items_of": lambda m: m.passages.items_of(range(9)),
    "passages.of": lambda m: [p for item in m.items.by_id(range(9)).values() for p in m.passages.of(item)],
    "passages.to_embed": lambda m: m.passages.to_embed(range(9), m.items.by_id(range(9))),
    "passages.uncut": lambda m: (_uncut(m), m.passages.uncut(9))[1],
    "preferences.all": lambda m: m.preferences.all(),
    "preferences.get": lambda m: m.preferences.get("zone"),
    "questions.latest": lambda m: m.questions.latest("pigeon"),
    "questions.of": lambda m: m.questions.of("pigeon", "m1"),
    "questions.waiting": lambda m: m.questions.waiting("pigeon"),
    "questions.waits": lambda m: m.questions.waits(1),
    "reactions.all": lambda m: m.reactions.all(),
    "reactions.known": lambda m: m.reactions.known("e1"),
    "reactions.of": lambda m: m.reactions.of(post("root").uri),
    "rules.active": lambda m: m.rules.active(NOW),
    "rules.interests": lambda m: m.rules.interests(),
    "runs.calls": lambda m: m.runs.calls(),
    "runs.reach": lambda m: m.runs.reach().shares,
    "runs.get": lambda m: m.runs.get(f"{NOW:%Y}"),
    "runs.latest": lambda m: m.runs.latest(until=NOW),
    "runs.steps": lambda m: m.runs.steps(m.conn.execute(text("SELECT id FROM runs")).scalar_one()),
    "seen.known": lambda m: m.seen.known("link", [LINK]),
    "seen.marker": lambda m: m.seen.marker("home"),
    "shares.between": lambda m: m.shares.between(NOW - HOUR, NOW),
    "shares.daily_rates": lambda m: m.shares.daily_rates(NOW - HOUR, NOW),
    "shares.items_between": lambda m: m.shares.items_between(NOW - HOUR, NOW),
    "shares.of_window": lambda m: m.shares.of_window(NOW - HOUR, NOW),
    "shares.of": lambda m: m.shares.of([post("root").uri]),
    "sources.cursor": lambda m: m.sources.cursor("village"),
    "sources.origins": lambda m: m.sources.origins()[0],
    "sources.resolved": lambda m: m.sources.resolved(),
    "stories.names": lambda m: m.stories.names([post("root").uri], NOW + HOUR),
    "sources.untold_gaps": lambda m: m.sources.untold_gaps(),
    "vectors.after": lambda m: m.vectors.after(MODEL, 0, 9)[0],
    "vectors.get": lambda m: m.vectors.get(MODEL, range(9)),
    "vectors.indexed_count": lambda m: m.vectors.indexed_count(MODEL),
    "vectors.missing": lambda m: m.vectors.missing(MODEL, 9),
    "vectors.of": lambda m: m.vectors.of(MODEL, range(9)),
    "vectors.removals": lambda m: m.vectors.removals(),
    "vectors.sample": lambda m: m.vectors.sample(MODEL, 9, 9),
    "vectors.unindexed": lambda m: (m.vectors.mark_all_unindexed(MODEL), m.vectors.unindexed(MODEL, 9))[1],
}
FACTS = {
    *("stories.keep", "stories.forget_item", "stories.drop"),
    *("chaff.lay_aside", "chaff.take_back", "judgements.forget_item", "judgements.keep"),
    *("accounts.bury", "accounts.keep", "accounts.set_followed", "digests.add", "digests.forget_item", "items.keep"),
    *(
        "items.let_return",
        "items.make_searchable",
        "items.purge",
        "items.sweep",
        "messages.add",
        "messages.forget",
        "outbox.forget_item",
    ),
    *("items.rewrite_full_text", "items.cut_anew", "passages.cut", "passages.withdraw"),
    *(
        "outbox.drop_entry",
        "outbox.queue",
        "outbox.settle",
        "reactions.add",
        "rules.add",
        "rules.remove",
        "rules.replace",
        "rules.drop_interest",
    ),
    *("occasions.settle", "preferences.choose", "runs.add_step", "runs.break_off", "runs.drop_steps"),
    *("rules.set_interest", "runs.begin", "runs.end", "runs.forget_item", "runs.log_call", "seen.add"),
    *("seen.add_item", "seen.read_up_to", "shares.add", "shares.remove", "sources.add_gap", "sources.gaps_told"),
    *("sources.keep_resolved", "sources.move", "vectors.mark_all_unindexed", "vectors.mark_indexed", "vectors.put"),
    "vectors.removed",
    *("notes.add", "notes.edit", "notes.heard", "questions.add", "questions.settle", "questions.stop"),
    "questions.taken_up",
}


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two owners of one database; only one of them has lived."""
    path = tmp_path_factory.mktemp("house") / "magpie.db"
    mine, yours = Store.open(path, "me@home.example"), Store.open(path, "you@home.example")
    with mine.begin() as memory:
        live(memory)
    yield mine, yours
    mine.close()
    yours.close()


def test_every_method_of_the_memory_is_a_question_or_a_fact_here(store: Store) -> None:
    with store.begin() as memory:
        parts = {
            name
            for name in dir(type(memory))
            if not name.startswith("_") and name not in ("conn", "owner", "horizon", "part")
        }
        methods = {
            f"{part}.{name}"
            for part in parts
            for name in dir(getattr(memory, part))
            if not name.startswith("_") and name not in ("conn", "owner", "horizon")
        }
    assert methods == set(QUESTIONS) | FACTS


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_owner_is_told_what_is_anothers(neighbours: tuple[Store, Store], question: str) -> None:
    mine, yours = neighbours
    with mine.engine.connect() as conn:
        ask = QUESTIONS[question]
        assert ask(Memory(conn, mine.owner)), "there is nothing to be told"
        assert not ask(Memory(conn, yours.owner))


def test_what_one_owner_does_changes_nothing_of_anothers(store: Store, tmp_path: Path) -> None:
    with store.begin() as memory:
        live(memory)
    with store.begin() as memory:  # full text is written down when a transaction ends
        before = memory.conn.connection.driver_connection
        assert before is not None
        mine = list(before.iterdump())
    other = Store.open(tmp_path / "magpie.db", "you@home.example")
    with other.begin() as memory:
        memory.items.purge(ref("root"), NOW)
        memory.items.make_searchable(post("root").uri)
        memory.items.rewrite_full_text()
        memory.items.cut_anew(range(9))
        memory.shares.remove("")
        memory.digests.forget_item(post("root").uri)
        memory.outbox.forget_item(post("root").uri, [1], NOW)
        memory.outbox.settle(1, "sent", NOW)
        memory.messages.forget([("pigeon", "m1")])
        memory.runs.forget_item(post("root").uri)
        memory.judgements.forget_item(post("root").uri)
        memory.chaff.lay_aside(post("root").uri, "a greeting")
        memory.chaff.take_back(post("hello").uri)
        memory.stories.keep({post("root").uri: "another"}, NOW)
        memory.stories.forget_item(post("root"))
        memory.stories.drop(NOW + HOUR)
        memory.runs.break_off(NOW)
        memory.questions.taken_up(1, "run")
        memory.questions.settle(1, "answered")
        memory.questions.stop("pigeon")
        memory.runs.drop_steps(NOW + HOUR)
        memory.rules.remove("word", "horoscope")
        memory.rules.replace("owner", [])
        memory.accounts.set_followed([])
        memory.sources.gaps_told(1)
        memory.vectors.mark_all_unindexed(MODEL)
        memory.vectors.mark_indexed(MODEL, [1, 2, 3], indexed=False)
        memory.vectors.removed([3])
    with store.begin() as memory:
        after = memory.conn.connection.driver_connection
        assert after is not None
        assert list(after.iterdump()) == mine
    other.close()


def test_two_owners_keep_the_same_post_each_for_themselves(neighbours: tuple[Store, Store]) -> None:
    mine, yours = neighbours
    with yours.engine.connect() as conn:  # rolled back in the end
        memory = Memory(conn, yours.owner)
        assert memory.items.keep(post("gone"), NOW) == "new"
        memory.items.keep(post("root", "other words"), NOW)
        memory.items.purge(ref("root"), NOW)
        assert Memory(conn, mine.owner).items.by_ref(ref("root")) is not None


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with store.begin() as memory:
        tables = memory.conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    own = [table for table in tables if "sqlite" not in table and "alembic" not in table and "fts" not in table]
    with pytest.raises(KeyboardInterrupt), store.begin() as memory:
        live(memory)
        raise KeyboardInterrupt
    with store.begin() as memory:
        counts = {table: memory.conn.scalar(text(f"SELECT count(*) FROM {table}")) for table in own}  # noqa: S608
    assert set(counts.values()) == {0}


def test_a_memory_that_breaks_while_it_is_used_says_so_in_one_sentence(store: Store) -> None:
    with (
        pytest.raises(StoreError, match=r"memory at .* cannot be read or written: no such table: items; check"),
        store.begin() as memory,
    ):
        memory.conn.execute(text("DROP TABLE items"))
        memory.items.count()
    with store.begin() as memory:
        assert memory.items.count() == 0


def test_the_owners_are_told_apart_by_their_whole_name(newcomer: Callable[[], Store]) -> None:
    one = newcomer()
    prefix = Store(one.engine, one.owner[:-1])
    with one.begin() as memory:
        memory.items.keep(post("a"), NOW + timedelta(0))
    with prefix.begin() as memory:
        assert memory.items.count() == 0
