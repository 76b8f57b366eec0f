"""What people ask for is obeyed, and edits and deletions reach everything that is kept of a post."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.outbox import Postman
from config.errors import ChannelError
from memory.index import ChromaIndex, bring_up_to_date
from memory.keeping.forgetting import forget
from memory.records import (
    Consent,
    Counts,
    Fetched,
    Kind,
)
from memory.search import Archive
from memory.store import Store
from memory.store.runs import ModelCall
from tests.fakes import HOUR, NOW, OWNER, HashedWords, Pigeon, ShelfIndex, Village, account, digest, post, ref, words
from tests.stores import known, like, uris
from tools.links import LinkResolver

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
