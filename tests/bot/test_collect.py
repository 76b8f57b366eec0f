"""Collecting: what a source brings is kept in whole steps, whatever breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import RunLog, run
from bot.jobs import collect as job
from bot.jobs.collect import Collector
from config.errors import ModelError, SourceError, StoreError
from memory.records import (
    Evidence,
    Fetched,
    Gap,
    How,
    Item,
    Kind,
    Rule,
    Seen,
)
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, ShelfIndex, Village, account, post, ref
from tests.laws import tried
from tests.stores import known, like, uris
from tools.links import LinkResolver

LATER = post("later", "what came after", by="cat")


def cursor(store: Store) -> str:
    with store.begin() as memory:
        return memory.sources.cursor("village").get("home", "")


# -- reading


def test_everything_that_a_source_brings_is_kept(store: Store, collector: Collector, village: Village) -> None:
    a = village.posts(
        post("a"), reactions=(like(post("a")),), seen=(Seen("item", post("a").uri, NOW, Evidence.REACTED),)
    )
    village.boosts("bob", a)
    village.tells(rules=(Rule("word", "horoscope"),), read_up_to=("home", NOW), gap=Gap("home", NOW - HOUR, NOW))
    village.tells(accounts=(account("dan", followed=False),), followed=frozenset({account("dan").uri}))
    record = collector.collect([village])
    with store.begin() as memory:
        assert {share.how for share in memory.shares.of([a.uri])} == {How.POSTED, How.BOOSTED}
        assert [(reaction.kind, reaction.source) for reaction in memory.reactions.all()] == [(Kind.LIKE, "village")]
        assert memory.seen.known("thread", [a.ref])
        assert memory.rules.active(NOW) == [Rule("word", "horoscope")]
        assert memory.seen.marker("home") == NOW
        assert memory.sources.untold_gaps()
        assert [name for name, who in memory.accounts.all().items() if who.followed] == [account("dan").uri]
        assert memory.vectors.missing("hashed words", 9) == []
    assert record.counts == {"new": 1, "same": 1, "read": 2, "shares": 2, "reactions": 1, "gaps": 1, "embedded": 1}
    assert (cursor(store), record.failures) == ("4", [])


def test_a_source_is_read_on_from_where_it_was_left(store: Store, collector: Collector, village: Village) -> None:
    village.posts(post("a"))
    collector.collect([village])
    village.posts(post("b"))
    assert collector.collect([village]).counts["read"] == 1
    assert village.asked == [{}, {"home": "1"}]
    assert known(store) == uris(post("a"), post("b"))


def test_reading_everything_twice_changes_nothing(store: Store, collector: Collector, village: Village) -> None:
    a = village.posts(post("a"), reactions=(like(post("a")),))
    village.boosts("bob", a)
    collector.collect([village])
    with store.begin() as memory:
        memory.sources.move("village", {"home": "0"})
    assert +collector.collect([village]).counts == {"same": 2, "read": 2}


acts = st.lists(
    st.tuples(st.sampled_from(["posts", "boosts", "deletes"]), st.sampled_from("abc"), st.sampled_from(["one", "two"])),
    max_size=12,
)


@tried(40)
@given(told=acts, data=st.data())
def test_however_often_it_is_interrupted_the_outcome_is_the_same(
    newcomer: Callable[[], Store], told: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    def play(breaks: set[int]) -> tuple[object, ...]:
        store, village = newcomer(), Village()
        for number, (act, name, wording) in enumerate(told):
            if number in breaks:
                village.breaks(SourceError("The village is away."))
            if act == "deletes":
                village.deletes(ref(name))
            elif act == "boosts":
                village.boosts("bob", post(name, wording))
            else:
                village.posts(post(name, wording))
        collector = Collector(store, HashedWords(), ShelfIndex(), LinkResolver(None), lambda: NOW)
        for _ in range(len(breaks) + 1):
            collector.collect([village])
        with store.begin() as memory:
            items = memory.items.all(post(name).uri for name in "abc")
            shares = memory.shares.of(list(items))
        return {uri: item.text for uri, item in items.items()}, [(s.account, s.item, s.how) for s in shares]

    assert play(data.draw(st.sets(st.integers(0, 11)))) == play(set())


def test_links_are_known_by_one_name_and_where_short_ones_lead_is_remembered(
    store: Store, collector: Collector, village: Village
) -> None:
    collector.links.known["https://bit.ly/x"] = "https://news.example/a"
    village.posts(post("a", links=("https://bit.ly/x", "https://www.news.example/a?utm_source=b"), canonical=()))
    collector.collect([village])
    with store.begin() as memory:
        item = memory.items.get(post("a").uri)
        assert item is not None
        assert item.canonical == ("https://news.example/a",)


def test_progress_is_told(collector: Collector, village: Village) -> None:
    told: list[tuple[str, int]] = []
    village.posts(post("a"))
    replace(collector, progress=lambda what, done: told.append((what, done))).collect([village])
    assert told[-2:] == [("embedding", 1), ("indexed", 1)]
    assert ("reading village", 1) in told


# -- failing


def test_a_row_that_cannot_be_read_is_told_and_the_stream_goes_on(
    store: Store, collector: Collector, village: Village
) -> None:
    village.posts(post("a"))
    village.garbles("Post 7 was left out.")
    village.posts(post("b"))
    record = collector.collect([village])
    assert record.failures == ["Post 7 was left out."]
    assert known(store) == uris(post("a"), post("b"))
    assert cursor(store) == "3"


@pytest.mark.parametrize("before", [1, job.BATCH, job.BATCH + 1])
def test_a_source_that_breaks_half_way_loses_nothing_that_it_has_told(
    store: Store, collector: Collector, village: Village, before: int
) -> None:
    posts = [village.posts(post(str(n))) for n in range(before)]
    village.breaks(SourceError("The village is away."))
    village.posts(LATER)
    assert collector.collect([village]).failures == ["The village is away."]
    assert (known(store), cursor(store)) == (uris(*posts), str(before))
    assert collector.collect([village]).failures == []
    assert known(store) == uris(*posts, LATER)


class Told:
    """A source that tells just this."""

    def __init__(self, name: str, *steps: Fetched | SourceError) -> None:
        self.name, self.steps = name, steps

    def fetch(self, cursor: object) -> Iterator[Fetched | SourceError]:
        yield from self.steps


def test_a_source_fails_that_brings_nothing_but_errors(collector: Collector) -> None:
    dead, quiet = Told("dead", SourceError("dead.example is away.")), Told("quiet")
    one_of_two = Told("feeds", SourceError("dead.example is away."), Fetched())
    assert collector.collect([quiet, one_of_two]).counts["sources failed"] == 0
    assert collector.collect([quiet, dead, dead]).counts["sources failed"] == 2


def test_one_source_that_fails_does_not_stop_the_others(store: Store, collector: Collector, village: Village) -> None:
    village.breaks(SourceError("The village is away."))
    town = Village("town")
    town.posts(post("a"))
    record = collector.collect([village, town])
    assert record.failures == ["The village is away."]
    assert known(store) == uris(post("a"))
    with store.begin() as memory:
        assert memory.runs.latest("collect")[0].state == "done"


class Killed(BaseException):
    """The program ends."""


def test_a_kill_within_a_batch_rolls_back_items_and_cursor_together(
    store: Store, collector: Collector, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        village.posts(post(str(n)))
    take, calls = job._Taker.take, []

    def dies_at_the_third(self: job._Taker, fetched: Fetched) -> None:
        calls.append(fetched)
        take(self, fetched)
        if len(calls) == 3:
            raise Killed

    monkeypatch.setattr(job._Taker, "take", dies_at_the_third)
    with pytest.raises(Killed):
        collector.collect([village])
    assert (known(store), cursor(store)) == (set(), "")
    assert len(calls) == 3, "what has just failed is not tried again at once"
    record = collector.collect([village])
    assert (record.counts["new"], cursor(store)) == (5, "5")


def test_a_kill_in_the_second_batch_leaves_the_first(
    store: Store, collector: Collector, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BATCH", 2)
    for n in range(5):
        village.posts(post(str(n)))
    village.steps[3] = replace(village.steps[3], gap="no gap at all")  # type: ignore[type-var, arg-type]
    with pytest.raises(AttributeError):
        collector.collect([village])
    assert (len(known(store)), cursor(store)) == (2, "2")


@pytest.mark.parametrize(
    "hostile",
    [
        post("h", url="https://fedi.example/\ud800"),
        post("h", text="half a sign: \ud83d"),
        post("h", at=NOW.replace(tzinfo=None)),
    ],
    ids=["half a sign in a link", "half a sign in the words", "no time zone"],
)
def test_what_cannot_be_kept_is_left_out_and_not_asked_for_again(
    store: Store, collector: Collector, village: Village, hostile: Item
) -> None:
    village.posts(post("a"))
    village.steps.append(Fetched(item=hostile, accounts=(replace(account("eve"), followers=10**40),)))
    village.posts(LATER)
    village.steps.append(Fetched(item=hostile, accounts=(account("eve"),)))
    record = collector.collect([village])
    assert (known(store), cursor(store)) == (uris(post("a"), LATER), "4")
    assert len(record.failures) == 2
    assert all(failure.startswith("village sent what cannot be kept") for failure in record.failures)
    assert record.counts["read"] == 2
    with store.begin() as memory:
        assert account("eve").uri not in memory.accounts.all()


def test_who_is_followed_again_within_one_batch_is(store: Store, collector: Collector, village: Village) -> None:
    village.tells(accounts=(account("ann", followed=True), account("dan", followed=True)))
    village.tells(followed=frozenset())
    village.tells(accounts=(account("dan", followed=True),))
    collector.collect([village])
    with store.begin() as memory:
        assert [name for name, who in memory.accounts.all().items() if who.followed] == [account("dan").uri]


def test_a_sighting_that_could_not_be_kept_is_not_taken_for_known(
    store: Store, collector: Collector, village: Village
) -> None:
    village.posts(post("a", by="eve"))
    village.steps.append(Fetched(item=post("h", text="half a sign: \ud83d"), accounts=(account("dan"),)))
    village.steps.append(Fetched(accounts=(account("dan"),)))
    assert len(collector.collect([village]).failures) == 1
    with store.begin() as memory:
        assert account("dan").uri in memory.accounts.all()


def test_a_memory_that_cannot_be_written_fails_the_run(
    store: Store, collector: Collector, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: job._Taker, fetched: Fetched) -> None:
        raise StoreError("The disk is full.")

    village.posts(post("a"))
    monkeypatch.setattr(job._Taker, "take", full)
    with pytest.raises(StoreError):
        collector.collect([village])
    with store.begin() as memory:
        (row,) = memory.runs.latest("collect")
        assert (row.state, row.failures, row.ended) == ("failed", ["The disk is full."], NOW)


def test_a_model_that_fails_costs_no_post(store: Store, collector: Collector, village: Village) -> None:
    class Mute(HashedWords):
        def embed(self, texts: object) -> object:  # type: ignore[override]
            raise ModelError("The model is away.")

    village.posts(post("a"))
    with pytest.raises(ModelError):
        replace(collector, embedder=Mute()).collect([village])
    assert (known(store), cursor(store)) == (uris(post("a")), "1")
    assert collector.collect([village]).counts["embedded"] == 1


# -- runs


def test_a_run_is_closed_as_done_with_what_it_counted(store: Store) -> None:
    with run(store, "collect", lambda: NOW) as record:
        record.counts["new"] += 3
        record.failures.append("Post 7 was left out.")
    with store.begin() as memory:
        (row,) = memory.runs.latest()
    assert (row.id, row.state, row.counts, row.failures) == (record.id, "done", {"new": 3}, ["Post 7 was left out."])


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (StoreError("The disk is full."), "The disk is full."),
        (KeyError("the words of a post"), "collect broke off (KeyError); see the log."),
        (KeyboardInterrupt(), "collect broke off (KeyboardInterrupt); see the log."),
    ],
)
def test_a_run_that_breaks_off_is_closed_as_failed_with_its_cause(
    store: Store, error: BaseException, cause: str
) -> None:
    records: list[RunLog] = []
    with pytest.raises(type(error)), run(store, "collect", lambda: NOW) as record:
        records.append(record)
        record.counts["new"] += 1
        raise error
    with store.begin() as memory:
        (row,) = memory.runs.latest()
    assert (row.state, row.failures, row.counts) == ("failed", [cause], {"new": 1})
