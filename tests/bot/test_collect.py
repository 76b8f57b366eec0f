"""Collecting: what a source brings is kept in whole steps; edits, deletions and what people ask for are obeyed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.jobs import RunLog, run
from bot.jobs import collect as job
from bot.jobs.collect import Collector
from bot.outbox import Postman
from config.errors import ChannelError, ModelError, SourceError, StoreError
from memory.index import ChromaIndex, bring_up_to_date
from memory.keeping.forgetting import forget
from memory.records import (
    Consent,
    Counts,
    Evidence,
    Fetched,
    Gap,
    How,
    Item,
    Kind,
    Reaction,
    Rule,
    Seen,
)
from memory.search import Archive
from memory.store import Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Pigeon, ShelfIndex, Village, account, digest, post, ref, words
from tools.links import LinkResolver

LATER = post("later", "what came after", by="cat")


def known(store: Store) -> set[str]:
    with store.begin() as memory:
        return set(memory.conn.scalars(text("SELECT uri FROM items WHERE owner = :owner"), {"owner": store.owner}))


def uris(*posts: Item) -> set[str]:
    return {item.uri for item in posts}


def cursor(store: Store) -> str:
    with store.begin() as memory:
        return memory.sources.cursor("village").get("home", "")


def like(item: Item, kind: Kind = Kind.LIKE) -> Reaction:
    return Reaction(kind, NOW, item.uri)


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


@settings(max_examples=40)
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


# -- consent


def test_who_asks_not_to_be_read_by_bots_is_not_kept(store: Store, collector: Collector, village: Village) -> None:
    shy = village.posts(post("shy", by="shy"), Consent.NOBOT)
    village.boosts("bob", post("boosted", by="shy"), Consent.NOBOT)
    village.posts(
        post("quoter", quotes=shy.uri),
        quoted=post("quoted", by="shy"),
        accounts=(account("ann"), account("shy", Consent.NOBOT)),
    )
    record = collector.collect([village])
    assert known(store) == uris(post("quoter"))
    assert record.counts["left out: asks not to be read by bots"] == 3
    with store.begin() as memory:
        assert memory.shares.of([shy.uri]) == []


def test_who_asks_later_not_to_be_read_by_bots_is_forgotten(
    store: Store, collector: Collector, shelf: ShelfIndex, village: Village
) -> None:
    village.posts(post("old", by="shy"))
    village.posts(post("other"))
    collector.collect([village])
    village.posts(post("new", by="shy"), Consent.NOBOT)
    collector.collect([village])
    assert known(store) == uris(post("other"))
    assert shelf.count() == 1


def test_the_owners_own_posts_are_kept_whatever_the_owner_asks_of_others(
    store: Store, collector: Collector, village: Village
) -> None:
    village.posts(post("mine", by="me"), reactions=(like(post("mine"), Kind.AUTHORED),))
    village.posts(post("mine too", by="me"), Consent.NOBOT, reactions=(like(post("mine too"), Kind.AUTHORED),))
    collector.collect([village])
    assert known(store) == uris(post("mine"), post("mine too"))


def findable(collector: Collector) -> set[str]:
    hits = Archive(collector.store, collector.embedder, collector.index).search("quokka")
    return {hit.item.uri for hit in hits}


def test_who_asks_not_to_be_indexed_is_told_but_not_found_until_the_owner_reacts(
    store: Store, collector: Collector, village: Village
) -> None:
    shy = village.posts(post("shy", "a quokka", by="shy"), Consent.NOINDEX)
    collector.collect([village])
    assert (known(store), findable(collector)) == (uris(shy), set())
    with store.begin() as memory:
        assert memory.vectors.missing("hashed words", 9) == []
    village.tells(item=shy, reactions=(like(shy),))
    collector.collect([village])
    assert findable(collector) == uris(shy)
    village.posts(shy, Consent.NOINDEX)
    collector.collect([village])
    assert findable(collector) == uris(shy), "it stays where the owner has put it"


def test_who_asks_later_not_to_be_indexed_is_found_no_more_but_for_what_the_owner_liked(
    store: Store, collector: Collector, village: Village
) -> None:
    old, liked = post("old", "a quokka", by="shy"), post("liked", "two quokka", by="shy")
    village.posts(old)
    village.posts(liked, reactions=(like(liked),))
    collector.collect([village])
    assert findable(collector) == uris(old, liked)
    village.posts(post("new", "three quokka", by="shy"), Consent.NOINDEX)
    collector.collect([village])
    assert findable(collector) == uris(liked)
    assert known(store) == uris(old, liked, post("new"))


# -- edits and deletions


def test_an_edit_is_embedded_anew_and_found_by_its_new_words(
    store: Store, collector: Collector, embedder: HashedWords, village: Village
) -> None:
    village.posts(post("a", "turnips"))
    collector.collect([village])
    village.posts(post("a", "parsnips", links=("https://news.example/new",)))
    record = collector.collect([village])
    assert record.counts["edited"] == record.counts["embedded"] == 1
    assert embedder.asked == ["turnips", "parsnips"]
    archive = Archive(store, embedder, collector.index)
    assert [hit.ways for hit in archive.search("parsnips")] == [("words", "meaning")]
    assert archive.by_words("turnips", 9) == []


def test_a_boost_that_is_taken_back_is_gone_and_the_post_stays(
    store: Store, collector: Collector, village: Village
) -> None:
    a = village.posts(post("a"))
    boost = village.boosts("bob", a)
    collector.collect([village])
    village.deletes(boost)
    collector.collect([village])
    with store.begin() as memory:
        assert [share.account for share in memory.shares.of([a.uri])] == [a.author]
    village.posts(post("a"))
    assert collector.collect([village]).counts["same"] == 1


def test_a_deleted_post_is_purged_everywhere(store: Store, village: Village, pigeon: Pigeon, tmp_path: Path) -> None:
    secret = "zqvkwx"  # it begins as no other word does
    embedder = HashedWords()
    chroma = ChromaIndex(tmp_path / "chroma", OWNER, embedder.name)
    collector = Collector(store, embedder, chroma, LinkResolver(None), lambda: NOW)
    gone = village.posts(post("gone", secret, raw={"content": secret}))
    stays = village.posts(post("stays", "a wallaby"))
    collector.collect([village])
    with store.begin() as memory:
        item = memory.items.get(gone.uri)
        assert item is not None
        number = item.id
        entry, other = memory.digests.add(digest(gone, stays)).entries
        for key, about in (("said", entry), ("waits", entry), ("other", other)):
            memory.outbox.queue("pigeon", words(key, secret if about is entry else "wallaby"), NOW, entry_id=about.id)
        memory.outbox.queue("pigeon", words("found", secret, about=(gone.uri,)), NOW)
        inputs = (stays.uri, gone.uri)
        memory.runs.log_call(ModelCall("r", NOW, "summary", 1, "tiny", inputs, (secret,), secret, "kept", 1, 1, 0.1))
        assert memory.outbox.waiting("pigeon")[0].out.key == "said"
    pigeon.falters("waits", ChannelError("There is a storm."))
    with pytest.raises(ChannelError):
        Postman(store, pigeon, lambda: NOW).deliver()
    village.deletes(gone.ref)
    assert collector.collect([village]).counts["deleted"] == 1
    with store.begin() as memory:
        assert memory.items.get(gone.uri) is None
        assert memory.runs.calls() == []
        assert [queued.out.key for queued in memory.outbox.waiting("pigeon")] == ["other"]
        assert memory.digests.entry(entry.id) is not None
    assert chroma.count() == 1
    assert number not in [found for found, _ in chroma.query(embedder.embed([secret])[0], 9)]
    assert Postman(store, pigeon, lambda: NOW).deliver() == 1
    village.posts(gone)
    assert collector.collect([village]).counts["gone"] == 1
    assert known(store) == uris(stays)
    store.close()
    assert secret[1:].encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("magpie.db*"))


def test_the_index_forgets_even_if_the_program_ended_before_it_could(
    store: Store, collector: Collector, shelf: ShelfIndex, village: Village
) -> None:
    village.posts(post("a"))
    collector.collect([village])
    with store.begin() as memory:
        assert forget(memory, ref("a"), NOW)
    assert shelf.count() == 1
    bring_up_to_date(store, shelf, "hashed words")
    assert shelf.count() == 0


def test_forgetting_what_is_not_known_is_nothing(store: Store) -> None:
    with store.begin() as memory:
        assert not forget(memory, ref("nobody"), NOW)


# -- looking again


def test_what_has_changed_at_its_source_is_noticed(store: Store, collector: Collector, village: Village) -> None:
    for name in ("same", "edited", "deleted"):
        village.posts(post(name))
    collector.collect([village])
    village.standing = {
        ref("same"): Fetched(item=post("same", counts=Counts(likes=5))),
        ref("edited"): Fetched(item=post("edited", "other words")),
        ref("deleted"): Fetched(gone=(ref("deleted"),)),
    }
    assert not collector.recheck(village, [ref("same")])
    assert not collector.recheck(village, [])
    assert collector.recheck(village, [ref("edited")])
    assert collector.recheck(village, [ref("deleted")])
    assert known(store) == uris(post("same"), post("edited"))


def test_young_posts_are_looked_at_again_after_a_while(store: Store, collector: Collector, village: Village) -> None:
    village.posts(post("a"))
    collector.collect([village])
    village.standing = {ref("a"): Fetched(gone=(ref("a"),))}
    assert collector.collect([village]).counts["deleted"] == 0, "it was looked at just now"
    assert replace(collector, now=lambda: NOW + 4 * HOUR).collect([village]).counts["deleted"] == 1


def test_a_source_that_cannot_be_asked_again_is_not(collector: Collector) -> None:
    class Feed:
        name = "feed"

        def fetch(self, cursor: object) -> object:
            yield Fetched(item=post("a"), cursor={"home": "1"})

    assert collector.collect([Feed()]).counts["new"] == 1  # type: ignore[list-item]
    assert not collector.recheck(Feed(), [ref("a")])  # type: ignore[arg-type]
