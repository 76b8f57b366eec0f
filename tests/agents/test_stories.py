"""Items that tell of the same thing are one story; all others are not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.stories import first_shares, group
from agents.stories.references import MOST_LINKS
from agents.stories.stream import SAME_MEANING, SAME_TEXT
from memory.records import How, Item, Share, Story
from tests.fakes import HOUR, NOW, account, post
from tools.links import canonical, is_general

LONG = "The old bridge over the river will be closed for two years from Monday on"
BRIDGE = "https://news.example/bridge"


def linked(name: str, *urls: str, by: str = "ann", ago: float = 1, **more: object) -> Item:
    return post(name, by=by, at=NOW - ago * HOUR, links=urls, canonical=tuple(map(canonical, urls)), **more)


def shares_of(*items: Item) -> list[Share]:
    return [Share(item.author, item.uri, item.created_at) for item in items]


def stories(
    *items: Item, vectors: Mapping[int, NDArray[np.float32]] | None = None, **more: frozenset[str]
) -> list[Story]:
    return group(items, shares_of(*items), vectors or {}, **more)


def together(*items: Item, **more: object) -> bool:
    return len(stories(*items, **more)) == 1  # type: ignore[arg-type]


def angled(*cosines: float) -> dict[int, NDArray[np.float32]]:
    """Vectors of items 1, 2, …: each has this cosine to the first."""
    return {n: np.array([c, math.sqrt(1 - c * c)], np.float32) for n, c in enumerate((1.0, *cosines), 1)}


def near(cosine: float, *texts: str) -> tuple[list[Item], dict[int, NDArray[np.float32]]]:
    items = [post(f"p{n}", text, by=f"by{n}", at=NOW + n * HOUR, id=n) for n, text in enumerate(texts, 1)]
    return items, angled(*[cosine] * (len(texts) - 1))


@pytest.mark.parametrize(
    "url",
    [
        f"{BRIDGE}?utm_source=fedi&fbclid=7",
        "http://www.news.example/bridge#comments",
        "https://m.news.example/bridge",
        "https://NEWS.example/bridge/",
    ],
)
def test_one_link_under_any_url_is_one_story(url: str) -> None:
    assert together(linked("a", BRIDGE), linked("b", url, by="bob"))


def test_two_links_are_two_stories() -> None:
    assert not together(linked("a", BRIDGE), linked("b", "https://news.example/tunnel"))


def test_a_thread_is_one_story() -> None:
    root, answer = post("a"), post("b", by="bob", reply_to="a", thread=post("a").ref)
    assert together(root, answer)


def test_a_quoted_post_belongs_to_the_post_that_quotes_it() -> None:
    quoted = post("a")
    assert together(quoted, post("b", by="bob", quotes=quoted.uri))


def test_a_quote_of_something_unknown_joins_nothing() -> None:
    assert not together(post("a", quotes="uri:gone"), post("b", quotes="uri:gone"))


def test_links_and_threads_join_onwards() -> None:
    a, b = linked("a", BRIDGE), linked("b", BRIDGE, "https://blog.example/x", by="bob")
    c = post("c", by="cy", reply_to="b", thread=b.ref)
    assert together(a, b, c, linked("d", "https://blog.example/x", by="dot"))


SAME = "From Monday on nobody may cross the old bridge: the river side is shut until 2028"
OTHER = "Thirty beekeepers counted their hives after winter, and lost fewer families than ever"


def test_texts_that_mean_the_same_are_one_story() -> None:
    items, vectors = near(SAME_MEANING + 0.02, LONG, SAME)
    assert together(*items, vectors=vectors)


def test_texts_that_are_only_related_are_two() -> None:
    items, vectors = near(SAME_MEANING - 0.02, LONG, OTHER)
    assert not together(*items, vectors=vectors)


def test_what_words_in_common_cannot_join_meaning_alone_does() -> None:
    items, vectors = near(0.9, LONG, OTHER)
    assert together(*items, vectors=vectors)


def test_a_story_is_not_renamed_by_what_joins_it_later() -> None:
    items, vectors = near(0.9, LONG, SAME, LONG.upper())
    names = [stories(*items[:count], vectors=vectors)[0].key for count in (1, 2, 3)]
    assert len(set(names)) == 1


@pytest.mark.parametrize("text", ["Good morning!", "so true", "@ann @bob @cy @dot @eve @flo hello there", "👍" * 9, ""])
def test_greetings_and_other_short_texts_are_never_joined_by_meaning(text: str) -> None:
    items, vectors = near(1.0, text, text)
    items = [replace(item, text=text) for item in items]
    assert not together(*items, vectors=vectors)


def test_a_text_without_spaces_has_words_all_the_same() -> None:
    items, vectors = near(
        0.95, "古い橋は来週の月曜日から二年間閉鎖されます", "川の古い橋は月曜日から二年のあいだ閉鎖になる"
    )
    assert together(*items, vectors=vectors)


def test_a_text_that_has_no_vector_yet_stays_alone() -> None:
    items, vectors = near(1.0, LONG, LONG)
    assert not together(*items, vectors={1: vectors[1]})


def test_a_list_of_links_joins_nothing() -> None:
    many = [f"https://list.example/{n}" for n in range(MOST_LINKS)]
    assert not together(linked("a", BRIDGE), linked("b", BRIDGE, *many))


def test_as_many_links_as_an_article_may_have_still_join() -> None:
    few = [f"https://list.example/{n}" for n in range(MOST_LINKS - 1)]
    assert together(linked("a", BRIDGE), linked("b", BRIDGE, *few))


@pytest.mark.parametrize("url", ["https://news.example/", "https://github.com/ann", "https://social.example/@ann"])
def test_front_pages_and_profiles_join_nothing(url: str) -> None:
    items = linked("a", url), linked("b", url, by="bob")
    assert together(*items)
    assert not together(*items, general=frozenset(link for i in items for link in i.canonical if is_general(link)))


@pytest.mark.parametrize(
    ("cosine", "joins"), [(SAME_TEXT + 0.02, True), ((SAME_TEXT + SAME_MEANING) / 2, False)], ids=["same", "related"]
)
@pytest.mark.parametrize("told", [1, 2], ids=["the older was told", "the newer was told"])
def test_what_was_told_attracts_only_what_says_the_same_again(cosine: float, joins: bool, told: int) -> None:
    items, vectors = near(cosine, LONG, LONG.upper())
    assert together(*items, vectors=vectors, told=frozenset({items[told - 1].uri})) is joins


def test_what_was_told_still_attracts_its_link_and_its_thread() -> None:
    told, again = linked("a", BRIDGE), linked("b", BRIDGE, by="bob")
    assert together(told, again, told=frozenset({told.uri}))


def test_a_shared_link_is_the_key_whoever_else_joins() -> None:
    first = linked("a", BRIDGE), linked("b", f"{BRIDGE}?utm_medium=x", by="bob")
    (before,), (after,) = stories(*first), stories(*first, linked("c", BRIDGE, by="cy", ago=9))
    assert before.key == after.key == canonical(BRIDGE)


def test_a_thread_without_a_link_is_known_by_its_root() -> None:
    root = post("a")
    (story,) = stories(root, post("b", reply_to="a", thread=root.ref))
    assert story.key == root.ref and story.threads == (root.ref,)


def test_a_story_tells_its_items_links_and_threads_oldest_first() -> None:
    new, old = linked("new", BRIDGE, ago=1), linked("old", BRIDGE, ago=5)
    (story,) = stories(new, old)
    assert story.items == (old.uri, new.uri) and story.threads == (old.ref, new.ref)
    assert story.links == (canonical(BRIDGE),) and story.grown_by == 0


def test_the_lead_begins_something_rather_than_answers() -> None:
    root = post("a", LONG)
    answer = post("b", LONG + ", they say", by="bob", reply_to="a", thread=root.ref)
    (story,) = stories(answer, root)
    assert story.lead == root.uri


def test_the_lead_says_something() -> None:
    bare, telling = linked("a", BRIDGE, text="this!", ago=5), linked("b", BRIDGE, text=LONG)
    (story,) = stories(bare, telling)
    assert story.lead == telling.uri


def test_the_lead_is_what_the_others_are_near_to() -> None:
    items = [linked(f"p{n}", BRIDGE, text=LONG, ago=9 - n, id=n) for n in range(1, 4)]
    aside = {1: np.array([1, 0, 0], np.float32), **{n: np.array([0, 1, 0], np.float32) for n in (2, 3)}}
    (story,) = stories(*items, vectors=aside)
    assert story.lead == items[1].uri


def test_sharers_are_told_once_in_the_order_in_which_they_came() -> None:
    a, b = linked("a", BRIDGE, by="ann", ago=5), linked("b", BRIDGE, by="bob", ago=3)
    boost = Share(account("cy").uri, a.uri, NOW - 4 * HOUR, How.BOOSTED)
    again = Share(account("ann").uri, b.uri, NOW, How.BOOSTED)
    (story,) = group([a, b], [again, *shares_of(b, a), boost], {})
    assert story.sharers == tuple(account(name).uri for name in ("ann", "cy", "bob"))


def test_a_boost_brings_a_sharer_and_no_story_of_its_own() -> None:
    item = post("a")
    (story,) = group([item], [Share(account("bob").uri, item.uri, NOW, How.BOOSTED)], {})
    assert story.items == (item.uri,) and story.sharers == (account("bob").uri,)


def test_of_somebody_who_posts_and_replies_the_post_is_the_share() -> None:
    root = post("a", by="bob", at=NOW - 5 * HOUR)
    reply = Share(account("ann").uri, root.uri, NOW - 4 * HOUR, How.REPLIED)
    boost = Share(account("ann").uri, root.uri, NOW, How.BOOSTED)
    (story,) = group([root], [reply, boost], {})
    assert first_shares(story, [reply, boost]) == {account("ann").uri: boost}


def test_no_items_are_no_stories() -> None:
    assert group([], [], {}) == []


NAMES = "abcdefgh"


@st.composite
def streams(draw: st.DrawFn) -> tuple[Sequence[Item], Sequence[Share], dict[int, NDArray[np.float32]]]:
    """A few items with links, threads, quotes and meanings in common, and their shares."""
    urls = st.lists(st.sampled_from([BRIDGE, "https://b.example/1", "https://c.example/2"]), max_size=2, unique=True)
    items, vectors = [], {}
    for number, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))], 1):
        root = draw(st.sampled_from(NAMES))
        quoted = post(draw(st.sampled_from(NAMES))).uri if draw(st.booleans()) else ""
        item = linked(name, *draw(urls), by=draw(st.sampled_from("xyz")), ago=draw(st.integers(0, 3)), text=LONG)
        items.append(replace(item, id=number, thread=post(root).ref if draw(st.booleans()) else "", quotes=quoted))
        angle = draw(st.floats(0, 3))
        vectors[number] = np.array([math.cos(angle), math.sin(angle)], np.float32)
    names = st.sampled_from("uvw")
    boosts = [Share(account(draw(names)).uri, item.uri, NOW, How.BOOSTED) for item in items for _ in range(2)]
    return items, [*shares_of(*items), *boosts], vectors


@given(streams(), st.randoms(use_true_random=False))
def test_the_order_in_which_items_come_does_not_matter(stream: tuple, chance: object) -> None:
    items, shares, vectors = stream
    shuffled, spread = list(items), list(shares)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(spread)  # type: ignore[attr-defined]
    assert group(shuffled, spread, vectors) == group(items, shares, vectors)


@given(streams())
def test_every_item_is_in_exactly_one_story_and_leads_are_of_their_own(stream: tuple) -> None:
    items, shares, vectors = stream
    found = group(items, shares, vectors)
    assert sorted(uri for story in found for uri in story.items) == sorted(item.uri for item in items)
    assert all(story.lead in story.items for story in found)
    assert len({story.key for story in found}) == len(found)
