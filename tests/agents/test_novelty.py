"""What of a story the owner does not know yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.novelty import GROWN_BY, Known, novelty, unseen
from agents.stories import group
from memory.records import Entry, Evidence, How, Item, Seen, Share, Story
from memory.store import Store
from tests.fakes import HOUR, NOW, account, post
from tools.links import canonical

STORY = Story(
    "https://news.example/bridge",
    lead="uri:lead",
    items=("uri:lead", "uri:other"),
    sharers=("ann", "bob"),
    links=("https://news.example/bridge",),
    threads=("ref:lead", "ref:other"),
)
FOLLOWED = frozenset({"ann", "bob", *(f"f{n}" for n in range(9))})
NOTHING = Known({}, {}, {})


def known(scope: str, key: str, evidence: Evidence = Evidence.DELIVERED, told: tuple[Entry, ...] = ()) -> Known:
    fact = Seen(scope, key, NOW, evidence, evidence.strength)
    ledgers = {name: {key: [fact]} if name == scope else {} for name in ("item", "link", "thread")}
    return Known(ledgers["item"], ledgers["link"], ledgers["thread"], told=told)


def told(*sharers: str) -> tuple[Entry, ...]:
    return (Entry(1, "uri:lead", ("uri:lead",), sharers, links=STORY.links, threads=("ref:lead",)),)


def test_what_nobody_knows_is_new() -> None:
    assert unseen(STORY, NOTHING, FOLLOWED) is STORY


@pytest.mark.parametrize(
    ("scope", "key"),
    [("item", "uri:lead"), ("item", "uri:other"), ("link", "https://news.example/bridge"), ("thread", "ref:other")],
)
@pytest.mark.parametrize("evidence", [e for e in Evidence if e is not Evidence.MARKER])
def test_a_story_is_known_by_any_of_its_items_links_and_threads(scope: str, key: str, evidence: Evidence) -> None:
    assert unseen(STORY, known(scope, key, evidence, told("ann", "bob")), FOLLOWED) is None


def test_what_is_known_of_other_things_does_not_count() -> None:
    assert unseen(STORY, known("link", "https://news.example/other"), FOLLOWED) is STORY


def test_the_read_marker_is_too_weak_to_drop_a_story() -> None:
    assert unseen(STORY, known("item", "uri:lead", Evidence.MARKER), FOLLOWED) is STORY


def grown(count: int, before: tuple[str, ...] = ("ann", "bob")) -> Story:
    return replace(STORY, sharers=(*before, *(f"f{n}" for n in range(count))))


def test_a_told_story_returns_when_enough_further_people_share_it_and_says_how_many() -> None:
    back = unseen(grown(GROWN_BY + 1), known("item", "uri:lead", told=told("ann", "bob")), FOLLOWED)
    assert back is not None and back.grown_by == GROWN_BY + 1


def test_one_person_less_is_not_enough() -> None:
    assert unseen(grown(GROWN_BY - 1), known("item", "uri:lead", told=told("ann", "bob")), FOLLOWED) is None


def test_strangers_do_not_make_a_story_grow() -> None:
    assert unseen(grown(GROWN_BY), known("item", "uri:lead", told=told("ann", "bob")), frozenset({"ann"})) is None


def test_what_many_have_shared_must_grow_by_more() -> None:
    many = tuple(f"early{n}" for n in range(20))
    assert unseen(grown(GROWN_BY, many), known("item", "uri:lead", told=told(*many)), FOLLOWED) is None


def test_those_who_shared_it_at_any_earlier_telling_do_not_count_again() -> None:
    twice = (*told("ann", "bob"), *told("f0", "f1"))
    assert unseen(grown(GROWN_BY + 1), known("item", "uri:lead", told=twice), FOLLOWED) is None


@pytest.mark.parametrize("evidence", [Evidence.REACTED, Evidence.REPLIED, Evidence.AUTHORED, Evidence.DISMISSED])
def test_what_the_owner_has_dealt_with_never_returns(evidence: Evidence) -> None:
    both = known("item", "uri:lead", told=told("ann"))
    dealt = Seen("link", STORY.links[0], NOW, evidence, evidence.strength)
    assert unseen(grown(9), replace(both, links={STORY.links[0]: [dealt]}), FOLLOWED) is None


def test_what_was_told_before_anybody_remembers_does_not_return_as_grown() -> None:
    assert unseen(grown(9), known("item", "uri:lead", told=()), FOLLOWED) is None


@given(st.sets(st.sampled_from(sorted(FOLLOWED))), st.sets(st.sampled_from(sorted(FOLLOWED)), min_size=1))
def test_grown_by_counts_exactly_the_further_followees(now: set[str], before: set[str]) -> None:
    story = replace(STORY, sharers=tuple(sorted(now)))
    back = unseen(story, known("item", "uri:lead", told=told(*before)), FOLLOWED)
    assert (back is not None) == (len(now - before) >= max(GROWN_BY, len(before) / 2))
    assert back is None or back.grown_by == len(now - before)


def shared(*hours_ago: float) -> list[Share]:
    return [Share(f"f{n}", "uri:lead", NOW - ago * HOUR) for n, ago in enumerate(hours_ago)]


def test_what_lies_before_the_read_marker_is_less_new_but_not_old() -> None:
    marked = replace(NOTHING, marker=NOW - 5 * HOUR)
    all_before, half, none = (novelty(STORY, shared(*ago), marked) for ago in ((6, 7), (6, 1), (1, 2)))
    assert 0 < all_before < half < none == 1


def test_without_a_marker_everything_is_new() -> None:
    assert novelty(STORY, shared(6, 7), NOTHING) == 1


def test_shares_of_other_things_say_nothing_about_novelty() -> None:
    other = [Share("ann", "uri:elsewhere", NOW - 9 * HOUR)]
    assert novelty(STORY, other, replace(NOTHING, marker=NOW)) == 1


def told_of(store: Store, item: Item, evidence: Evidence = Evidence.DELIVERED) -> None:
    with store.begin() as memory:
        memory.items.keep(item, NOW)
        memory.seen.add_item(item, NOW, evidence)


def what_is_known(store: Store, story: Story) -> Known:
    with store.begin() as memory:
        return Known(
            memory.seen.known("item", story.items),
            memory.seen.known("link", story.links),
            memory.seen.known("thread", story.threads),
        )


def test_the_same_link_with_other_parameters_is_known(store: Store) -> None:
    spellings = ("https://www.news.example/bridge?utm_source=x#top", "https://news.example/bridge?fbclid=1")
    first, again = (
        post(name, by=by, links=(url,), canonical=(canonical(url),))
        for name, by, url in zip("ab", ("ann", "bob"), spellings, strict=True)
    )
    told_of(store, first)
    (story,) = group([again], [Share(again.author, again.uri, NOW)], {})
    assert unseen(story, what_is_known(store, story), FOLLOWED) is None


def test_what_was_delivered_does_not_come_back_because_somebody_boosts_it(store: Store) -> None:
    item = post("a")
    told_of(store, item)
    boost = Share(account("bob").uri, item.uri, NOW + HOUR, How.BOOSTED)
    (story,) = group([item], [boost], {})
    assert unseen(story, what_is_known(store, story), frozenset({account("bob").uri})) is None


def test_a_reply_to_what_was_delivered_is_known_by_its_thread(store: Store) -> None:
    told_of(store, post("a"))
    with store.begin() as memory:
        memory.items.keep(post("b", by="bob", reply_to="a"), NOW)
        reply = memory.items.get(post("b").uri)
    assert reply is not None
    (story,) = group([reply], [Share(reply.author, reply.uri, NOW)], {})
    assert unseen(story, what_is_known(store, story), FOLLOWED) is None
