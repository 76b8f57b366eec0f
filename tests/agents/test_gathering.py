"""What the digest graph reads from memory, and what it leaves out by the owner's own rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from agents.answering.network import sharers
from agents.gathering import Reading, why_not
from bot.jobs.collect import Collector
from memory.records import Digest, Evidence, How, Kind, Reaction, Rule, Seen, Story
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, Village, account, digest, post

ME = account("me").uri


@dataclass
class Readers:
    """A village that is read, and what is read of it."""

    store: Store
    collector: Collector
    village: Village
    reading: Reading

    def reads(self) -> Reading:
        self.collector.collect([self.village])
        return self.reading

    def told(self, *rules: Rule, since: float = 24, until: float = 0) -> list[str]:
        """The names of the candidates of a window, in hours before NOW."""
        with self.store.begin() as memory:
            for rule in rules:
                memory.rules.add(rule)
        pile, self.left_out = self.reads().window(NOW - since * HOUR, NOW - until * HOUR)
        return [uri.rsplit("/", 1)[1] for uri in pile.items]

    def feels(self, kind: Kind, name: str, hours: float = 0) -> None:
        with self.store.begin() as memory:
            memory.reactions.add(Reaction(kind, NOW + hours * HOUR, post(name).uri, event=f"{kind} {name} {hours}"))

    def keeps(self, made: Digest) -> Digest:
        with self.store.begin() as memory:
            return memory.digests.add(made)


@pytest.fixture
def readers(store: Store, collector: Collector, village: Village, embedder: HashedWords) -> Readers:
    return Readers(store, collector, village, Reading(store, embedder, ME))


def ago(hours: float, name: str, by: str = "ann", **more: object) -> object:
    return post(name, by=by, at=NOW - hours * HOUR, **more)


def test_what_was_shared_in_the_window_is_told_oldest_first(readers: Readers) -> None:
    for hours, name in ((1, "new"), (30, "too old"), (20, "old"), (24, "at the edge")):
        readers.village.posts(ago(hours, name))
    assert readers.told() == ["old", "new"] and readers.left_out == {}
    assert readers.told(until=10) == ["old"]


def test_an_old_post_that_is_boosted_now_is_a_candidate(readers: Readers) -> None:
    readers.village.boosts("bob", ago(99, "old"), at=NOW - HOUR)
    assert readers.told() == ["old"]


def test_what_the_owner_writes_or_boosts_is_no_news_to_the_owner(readers: Readers) -> None:
    readers.village.posts(ago(1, "mine", by="me"))
    readers.village.boosts("bob", ago(2, "mine too", by="me"), at=NOW - HOUR)
    readers.village.boosts("me", ago(99, "boosted by me"), at=NOW - HOUR)
    assert readers.told() == [] and readers.left_out == {"your own": 1}


@pytest.mark.parametrize("kind", ["mute", "block"])
def test_muted_and_blocked_accounts_are_left_out_and_counted(readers: Readers, kind: str) -> None:
    readers.village.posts(ago(2, "hers"))
    readers.village.posts(ago(1, "his", by="bob"))
    assert readers.told(Rule(kind, account("ann").uri)) == ["his"]
    assert readers.left_out == {"muted or blocked accounts": 1}


def test_what_only_muted_accounts_share_is_left_out(readers: Readers) -> None:
    readers.village.boosts("bob", ago(99, "both", by="cy"), at=NOW - HOUR)
    readers.village.boosts("dot", ago(99, "both", by="cy"), at=NOW - HOUR)
    readers.village.boosts("bob", ago(99, "his alone", by="cy"), at=NOW - HOUR)
    assert readers.told(Rule("mute", account("bob").uri)) == ["both"]


def test_a_mute_that_has_run_out_holds_no_more(readers: Readers) -> None:
    readers.village.posts(ago(1, "hers"))
    assert readers.told(Rule("mute", account("ann").uri, until=NOW - HOUR)) == ["hers"]


def test_a_muted_thread_is_left_out_with_all_its_answers(readers: Readers) -> None:
    readers.village.posts(ago(2, "root"))
    readers.village.posts(ago(1, "answer", by="bob", reply_to="root"))
    assert readers.told(Rule("thread", post("root").ref)) == [] and readers.left_out == {"muted threads": 2}


@pytest.mark.parametrize(
    ("word", "whole", "text", "hidden"),
    [
        ("crypto", True, "All about CRYPTO, again", True),
        ("crypto", True, "cryptography is older", False),
        ("crypto", False, "cryptography is older", True),
        ("world cup", True, "the world cup begins", True),
        ("c++", True, "I like C++.", True),
        ("fußball", True, "Fußball!", True),
        ("bee", True, "a beer", False),
        (".*", True, "anything at all", False),
    ],
)
def test_filtered_words_are_found_as_the_owner_meant_them(word: str, whole: bool, text: str, hidden: bool) -> None:
    cause = why_not(post("a", text), set(), [Rule("word", word, whole_word=whole)], ME)
    assert cause == ("filtered words" if hidden else "")


@pytest.mark.parametrize(
    "more",
    [
        {"tags": ("crypto",)},
        {"warning": "crypto talk"},
        {"poll": ("yes", "crypto")},
        {"title": "Crypto falls"},
        {"links": ("https://a.example/crypto/7",)},
    ],
    ids=str,
)
def test_a_filtered_word_is_found_wherever_it_stands(more: dict[str, object]) -> None:
    assert why_not(post("a", "nothing", **more), set(), [Rule("word", "crypto")], ME) == "filtered words"


def test_a_filtered_hashtag_hides_the_tag_and_not_the_word() -> None:
    rule = [Rule("word", "#bees")]
    assert why_not(post("a", "honey", tags=("bees",)), set(), rule, ME)
    assert not why_not(post("a", "bees"), set(), rule, ME)


def test_an_item_that_nobody_objects_to_may_be_told() -> None:
    assert why_not(post("a"), {account("ann").uri}, [Rule("mute", "uri:else"), Rule("tag", "bees")], ME) == ""


def story(name: str) -> Story:
    item = post(name)
    return Story(item.uri, item.uri, (item.uri,), (item.author,), threads=(item.ref,))


def test_the_ledger_is_asked_for_items_links_and_threads(readers: Readers) -> None:
    with readers.store.begin() as memory:
        for scope, key in (("item", post("a").uri), ("thread", post("a").ref), ("item", "uri:other")):
            memory.seen.add(Seen(scope, key, NOW, Evidence.DELIVERED))
    known = readers.reading.known([story("a")], NOW)
    assert list(known.items) == [post("a").uri] and list(known.threads) == [post("a").ref] and known.links == {}


def test_the_read_marker_can_be_switched_off(readers: Readers) -> None:
    with readers.store.begin() as memory:
        memory.seen.read_up_to("home", NOW)
    assert readers.reading.known([], NOW).marker == NOW
    assert replace(readers.reading, home_marker=False).known([], NOW).marker is None


def test_only_a_weeks_digests_are_remembered(readers: Readers) -> None:
    readers.keeps(digest(post("old"), day=-9))
    newest = readers.keeps(digest(post("new"), day=-1))
    assert readers.reading.told(NOW) == ({post("new").uri}, newest.made_at)


def test_the_taste_does_not_look_ahead(readers: Readers) -> None:
    for name in "abcd":
        readers.village.posts(ago(5, name))
        readers.feels(Kind.LIKE, name, hours=2)
    reading = readers.reads()
    with readers.store.begin() as memory:
        assert reading.taste(memory, NOW).examples == ()
        assert len(reading.taste(memory, NOW + 3 * HOUR).examples) == 4


def test_a_past_is_the_same_whether_it_is_read_anew_or_from_what_was_read(readers: Readers) -> None:
    for number, name in enumerate("abcdefgh"):
        readers.village.posts(ago(30 + number, name, text=f"All about the {name} of the bees and the bridge"))
    readers.village.boosts("bob", ago(99, "old"), at=NOW - 20 * HOUR)
    for name in "abcd":
        readers.feels(Kind.LIKE, name, hours=-1)
    readers.keeps(digest(post("e"), day=-2))
    reading = readers.reads()
    half = reading.pile([post(name).uri for name in ("a", "b", "f", "old")], NOW)
    anew, handed = reading.past(NOW), reading.past(NOW, half)
    assert half.items and half.vectors and half.shares
    for part in ("reactions", "items", "around", "others", "ignored"):
        assert getattr(handed, part) == getattr(anew, part), part
    assert {uri: handed.sharers.get(uri, []) for uri in anew.others} == {
        uri: anew.sharers.get(uri, []) for uri in anew.others
    }
    assert {number: row.tolist() for number, row in handed.vectors.items()} == {
        number: row.tolist() for number, row in anew.vectors.items()
    }


def test_languages_are_those_of_what_was_liked_often_enough(readers: Readers) -> None:
    for number, language in enumerate(["de", "de-CH", "de", "en", "fi", "fi"]):
        readers.village.posts(ago(5, f"p{number}", language=language))
        readers.feels(Kind.LIKE, f"p{number}")
    assert readers.reads().circumstances(NOW).languages == {"de"}
    chosen = replace(readers.reading, languages=frozenset({"en"}))
    assert chosen.circumstances(NOW).languages == {"en"}


def test_wishes_come_with_their_meaning(readers: Readers) -> None:
    with readers.store.begin() as memory:
        memory.rules.set_interest("bees", 1.0, NOW)
    by = readers.reads().circumstances(NOW)
    assert by.interests == {"bees": 1.0} and list(by.topics) == ["bees"]


def test_feedback_is_new_from_one_digest_to_the_next(readers: Readers) -> None:
    latest = readers.reading.latest_feedback
    readers.feels(Kind.MORE, "a", hours=1)
    assert latest("pigeon", NOW + 2 * HOUR) is None  # there was no digest that it could have changed
    readers.keeps(digest(post("a")))
    is_new = latest("pigeon", NOW + 2 * HOUR)
    assert is_new is not None and latest("pigeon", NOW) is None and latest("crow", NOW + 2 * HOUR) is None
    with readers.store.begin() as memory:
        assert [is_new(reaction) for reaction in memory.reactions.all()] == [True]


def test_a_like_at_the_source_is_no_feedback(readers: Readers) -> None:
    readers.keeps(digest(post("a")))
    readers.feels(Kind.LIKE, "a", hours=1)
    assert readers.reading.latest_feedback("pigeon", NOW + 2 * HOUR) is None


def test_a_candidate_is_ready_with_lead_words_and_first_shares(readers: Readers) -> None:
    item = readers.village.posts(ago(2, "a", tags=("bees",)))
    readers.village.boosts("bob", item, at=NOW - HOUR)
    (ready,) = readers.reads().ready([story("a")], NOW)
    assert ready.lead.uri == item.uri and "bees" in ready.words and ready.novelty == 1
    assert [share.how for share in ready.shares.values()] == [How.POSTED, How.BOOSTED]
    assert float(ready.vector @ ready.vector) == pytest.approx(1, abs=1e-3)


def test_a_share_after_the_instant_does_not_count_yet(readers: Readers) -> None:
    item = readers.village.posts(ago(2, "a"))
    readers.village.boosts("bob", item, at=NOW - HOUR)
    (ready,) = readers.reads().ready([story("a")], NOW - 1.5 * HOUR)
    assert list(ready.shares) == [account("ann").uri]


def test_what_was_deleted_meanwhile_is_not_ready(readers: Readers) -> None:
    readers.village.posts(ago(2, "a"))
    readers.village.deletes(post("a").ref)
    assert readers.reads().ready([story("a")], NOW) == []


def test_what_is_read_of_a_window_is_what_would_be_read_of_its_items_one_by_one(readers: Readers) -> None:
    readers.village.posts(ago(2, "a"))
    readers.village.posts(ago(99, "old", by="cat"))
    readers.village.boosts("bob", ago(99, "old", by="cat"), at=NOW - 3 * HOUR)
    readers.village.boosts("dan", ago(99, "old", by="cat"), at=NOW + HOUR)
    window, _ = readers.reads().window(NOW - 24 * HOUR, NOW)
    anew = readers.reads().pile(window.items, NOW)
    assert {uri: sharers(some) for uri, some in window.shares.items()} == {
        post("a").uri: [account("ann").uri],
        post("old").uri: [account("cat").uri, account("bob").uri],
    }
    assert (window.items, window.shares) == (anew.items, anew.shares)
    assert window.vectors.keys() == anew.vectors.keys() == {item.id for item in window.items.values()}


def test_the_owners_own_shares_do_not_count(readers: Readers) -> None:
    readers.village.posts(ago(2, "a"))
    readers.village.boosts("me", post("a", at=NOW - 2 * HOUR))
    for pile in (readers.reads().pile([post("a").uri], NOW), readers.reads().window(NOW - 5 * HOUR, NOW)[0]):
        assert [share.account for share in pile.shares[post("a").uri]] == [account("ann").uri]


def test_friends_are_those_who_share_the_same_things_and_the_owner_is_not_among_them(readers: Readers) -> None:
    for number in range(4):
        readers.village.posts(ago(30 + number, f"p{number}"))
        readers.village.boosts("bob", ago(30 + number, f"p{number}"), at=NOW - 20 * HOUR)
        readers.village.boosts("me", ago(30 + number, f"p{number}"), at=NOW - 19 * HOUR)
    found = readers.reads().circumstances(NOW).circles
    assert set(found) == {account("ann").uri, account("bob").uri} and len(set(found.values())) == 1


def test_the_usual_rate_of_a_topic_is_that_of_the_days_before_the_last(readers: Readers) -> None:
    for hours in (240, 100, 50, 2):
        readers.village.posts(ago(hours, f"p{hours}", text="the old bridge over the river"))
    reading = readers.reads()
    vector = reading.embedder.embed(["the old bridge over the river"])[0]
    assert reading.circumstances(NOW).usually.rates([vector]) == [
        pytest.approx(4 / 9)
    ]  # three in nine days, and once more
