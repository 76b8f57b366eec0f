"""What we believe the owner wants, and the laws that this obeys whatever the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.gathering import Reading
from agents.taste import FEEDBACK, FEWEST_LIKES, Beliefs, Post, Taste, beliefs, fit
from agents.taste.examples import WORTH, examples
from memory.records import Kind, Reaction, Share
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, account, post
from tests.laws import tried

Array = NDArray[np.float32]
DIM = 12
BEES, RAIL, CHESS = np.eye(DIM, dtype=np.float32)[:3]


def around(middle: Array, seed: int, spread: float = 0.15) -> Array:
    """A unit vector near another."""
    vector = middle + spread * np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


class Diary:
    """Reactions to posts with given vectors, in order."""

    def __init__(self) -> None:
        self.reactions: list[Reaction] = []
        self.items, self.vectors = {}, {}

    def felt(self, kind: Kind, vector: Array, name: str = "", by: str = "ann", days_ago: float = 0) -> Diary:
        item = post(name or f"p{len(self.items)}", by=by)
        item = replace(item, id=self.items[item.uri].id if item.uri in self.items else len(self.items) + 1)
        self.items[item.uri], self.vectors[item.id] = item, vector
        at = NOW - timedelta(days=days_ago) + timedelta(seconds=len(self.reactions))
        self.reactions.append(Reaction(kind, at, item.uri))
        return self

    def likes(self, middle: Array, count: int = 5, kind: Kind = Kind.LIKE) -> Diary:
        for number in range(count):
            self.felt(kind, around(middle, 100 + number), by=f"liked{number}")
        return self

    def taste(self, passed_over: Array | None = None) -> Taste:
        return fit(examples(self.reactions, self.items, self.vectors, NOW + HOUR), passed_over)


def passed(*middles: Array, each: int = 20) -> Array:
    return np.stack([around(middle, seed) for middle in middles for seed in range(each)])


def alike(taste: Taste, vector: Array) -> int:
    return taste.opinions([Post(vector)])[0].alike


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_without_reactions_nothing_is_expected_of_anything(diary: Diary) -> None:
    taste = diary.taste(passed(RAIL))
    assert {taste.likes(vector) for vector in (BEES, RAIL, CHESS)} == {0.5}
    assert taste.feedback(BEES) == taste.author(account("ann").uri) == 0 and alike(taste, BEES) == 0


def test_a_few_likes_are_too_few_to_learn_from(diary: Diary) -> None:
    assert diary.likes(BEES, FEWEST_LIKES - 1).taste(passed(RAIL)).likes(BEES) == 0.5


def test_likes_raise_what_is_like_them_above_what_is_not(diary: Diary) -> None:
    taste = diary.likes(BEES).taste(passed(RAIL, CHESS))
    assert taste.likes(around(BEES, 1)) > 0.5 > taste.likes(around(RAIL, 1))


def test_likes_are_learnt_from_even_when_nothing_was_ever_passed_over(diary: Diary) -> None:
    taste = diary.likes(BEES).taste()
    assert taste.likes(around(BEES, 1)) > taste.likes(around(-BEES, 1))


@pytest.mark.parametrize("kind", [Kind.LESS, Kind.MUTE])
def test_feedback_against_a_post_lowers_what_is_like_it(diary: Diary, kind: Kind) -> None:
    background = passed(RAIL, CHESS)
    before = diary.likes(BEES).likes(CHESS, 3).taste(background)
    after = diary.felt(kind, around(CHESS, 1)).taste(background)
    assert after.likes(CHESS) < before.likes(CHESS) and after.feedback(CHESS) < 0 == before.feedback(CHESS)


@pytest.mark.parametrize("kind", [Kind.MORE, Kind.SAVE])
def test_feedback_for_a_post_raises_what_is_like_it(diary: Diary, kind: Kind) -> None:
    background = passed(RAIL, CHESS)
    before = diary.likes(BEES).taste(background)
    after = diary.felt(kind, around(CHESS, 1)).taste(background)
    assert after.likes(CHESS) > before.likes(CHESS) and after.feedback(CHESS) > 0


def test_feedback_leaves_alone_what_has_nothing_to_do_with_it(diary: Diary) -> None:
    assert diary.felt(Kind.LESS, CHESS).taste().feedback(BEES) == 0


@pytest.mark.parametrize(("first", "last", "sign"), [(Kind.MORE, Kind.LESS, -1), (Kind.LESS, Kind.MORE, 1)])
def test_the_latest_feedback_on_a_post_is_what_counts(diary: Diary, first: Kind, last: Kind, sign: int) -> None:
    taste = diary.felt(first, BEES, "a").felt(last, BEES, "a").taste()
    assert sign * taste.feedback(BEES) > 0 and sign * taste.author(account("ann").uri) > 0


@pytest.mark.parametrize("kind", [Kind.LIKE, Kind.BOOST, Kind.BOOKMARK, Kind.REPLY])
@pytest.mark.parametrize("like_first", [True, False])
def test_feedback_outranks_a_like_whichever_came_first(diary: Diary, kind: Kind, like_first: bool) -> None:
    for felt in (kind, Kind.LESS) if like_first else (Kind.LESS, kind):
        diary.felt(felt, BEES, "a")
    (example,) = diary.taste().examples
    assert example.kind is Kind.LESS and example.worth < 0


def test_having_known_something_says_nothing_about_taste(diary: Diary) -> None:
    assert diary.felt(Kind.SEEN, BEES).taste().examples == ()


def test_of_several_ways_of_liking_the_strongest_counts(diary: Diary) -> None:
    taste = diary.felt(Kind.REPLY, BEES, "a").felt(Kind.BOOKMARK, BEES, "a").taste()
    assert [example.kind for example in taste.examples] == [Kind.BOOKMARK]


def test_what_was_liked_long_ago_counts_less(diary: Diary) -> None:
    old, new = diary.felt(Kind.LIKE, BEES, days_ago=400).felt(Kind.LIKE, BEES).taste().examples
    assert 0 < old.worth < new.worth


def test_a_post_without_a_vector_is_no_example_yet(diary: Diary) -> None:
    diary.felt(Kind.LIKE, BEES)
    assert examples(diary.reactions, diary.items, {}, NOW) == () == examples(diary.reactions, {}, diary.vectors, NOW)


def test_an_author_is_liked_or_disliked_with_the_posts(diary: Diary) -> None:
    taste = diary.felt(Kind.LIKE, BEES, by="ann").felt(Kind.LESS, RAIL, by="bob").taste()
    assert -1 < taste.author(account("bob").uri) < 0 < taste.author(account("ann").uri) < 1


def test_own_posts_tell_of_topics_and_not_of_an_author_nor_of_likes(diary: Diary) -> None:
    taste = diary.felt(Kind.AUTHORED, BEES, by="me").taste()
    assert taste.author(account("me").uri) == 0 and alike(taste, BEES) == 0 and taste.examples[0].worth > 0


def test_liked_posts_like_a_text_are_counted(diary: Diary) -> None:
    close, closer = around(BEES, 1, 0.1), BEES
    diary.felt(Kind.LIKE, close, "close").felt(Kind.LIKE, closer, "closer").felt(Kind.LIKE, RAIL, "far")
    assert alike(diary.felt(Kind.LESS, BEES, "disliked").taste(), BEES) == 2


def test_every_kind_of_reaction_has_a_worth() -> None:
    assert set(WORTH) == set(Kind) and all(WORTH[kind] for kind in FEEDBACK)


# Laws. A day is a list of (kind, which post, which topic).
felts = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.integers(0, 7), st.sampled_from([0, 1, 2])), min_size=0, max_size=14
)
BACKGROUND = passed(BEES, RAIL, CHESS, np.eye(DIM, dtype=np.float32)[5], each=6)


def kept(felt: Sequence[tuple[Kind, int, int]]) -> Diary:
    diary, topics = Diary(), np.eye(DIM, dtype=np.float32)
    for kind, number, topic in felt:
        diary.felt(kind, around(topics[topic], number), f"{number}-{topic}", by=f"by{number}")
    return diary


def same(one: Taste, other: Taste) -> bool:
    probes = [BEES, RAIL, CHESS, *BACKGROUND]
    told = [(t.likes(v), t.feedback(v)) for v in probes for t in (one, other)]
    return told[::2] == told[1::2] and one.authors == other.authors


@given(felts)
@tried(60)
def test_taste_computed_anew_is_the_same_taste(felt: list[tuple[Kind, int, int]]) -> None:
    assert same(kept(felt).taste(BACKGROUND), kept(felt).taste(BACKGROUND))


@given(felts)
@tried(60)
def test_every_chance_is_a_chance(felt: list[tuple[Kind, int, int]]) -> None:
    taste = kept(felt).taste(BACKGROUND)
    assert all(0 < taste.likes(v) < 1 and -1 <= taste.feedback(v) <= 1 for v in BACKGROUND)
    assert all(-1 < affinity < 1 for affinity in taste.authors.values())


@pytest.mark.parametrize(("kind", "sign"), [(Kind.MORE, 1), (Kind.LESS, -1)])
@given(felt=felts, number=st.integers(0, 7), topic=st.sampled_from([0, 1, 2]))
@tried(40)
def test_more_of_something_never_lowers_it_and_less_never_raises_it(
    felt: list[tuple[Kind, int, int]], number: int, topic: int, kind: Kind, sign: int
) -> None:
    from agents.taste.factors import FEEDBACK_POINTS, taste_points

    felt = [*((Kind.LIKE, n, 0) for n in range(8, 8 + FEWEST_LIKES)), *felt]  # so that there is a taste all along
    vector, author = around(np.eye(DIM, dtype=np.float32)[topic], number), account(f"by{number}").uri

    def measures(taste: Taste) -> tuple[float, float]:
        return taste_points(taste.likes(vector)) + FEEDBACK_POINTS * taste.feedback(vector), taste.author(author)

    before = measures(kept(felt).taste(BACKGROUND))
    after = measures(kept([*felt, (kind, number, topic)]).taste(BACKGROUND))
    assert all(sign * (new - old) >= -1e-3 for old, new in zip(before, after, strict=True))


Begin = Callable[[], Store]
WORDS = ["bees on the roof", "a night train north", "the queen takes the rook", "soup for the whole week"]


@given(
    st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, 7)), max_size=8),
    st.lists(st.tuples(st.sampled_from(sorted(FEEDBACK)), st.integers(0, 7)), min_size=1, max_size=3),
)
@tried(25)
def test_a_taste_without_some_reactions_is_the_taste_had_they_never_been(
    newcomer: Begin, kept_ones: list[tuple[Kind, int]], forgotten: list[tuple[Kind, int]]
) -> None:
    store, embedder = newcomer(), HashedWords()
    reading = Reading(store, embedder, account("me").uri)
    with store.begin() as memory:
        for number in range(8):
            item = post(f"{number}", f"{WORDS[number % 4]} {number}", at=NOW - HOUR)
            memory.items.keep(item, NOW)
            memory.shares.add(Share(item.author, item.uri, NOW - HOUR))
        items = memory.items.all([post(f"{n}").uri for n in range(8)]).values()
        memory.vectors.put(embedder.name, zip(items, embedder.embed([i.searchable for i in items]), strict=True))
        for place, (kind, number) in enumerate(kept_ones):
            memory.reactions.add(
                Reaction(kind, NOW + timedelta(seconds=place), post(f"{number}").uri, event=f"k{place}")
            )
        never = reading.taste(memory, NOW + 9 * HOUR)
        for place, (kind, number) in enumerate(forgotten):
            memory.reactions.add(Reaction(kind, NOW + HOUR, post(f"{number}").uri, event=f"f{place}"))
        without = reading.taste(memory, NOW + 9 * HOUR, lambda reaction: reaction.event.startswith("f"))
        probes = list(memory.vectors.get(embedder.name, [item.id for item in items]).values())
    assert [never.likes(v) for v in probes] == [without.likes(v) for v in probes]
    assert [never.feedback(v) for v in probes] == [without.feedback(v) for v in probes]
    assert never.authors == without.authors


def test_what_is_believed_is_told_with_examples_and_dates(diary: Diary) -> None:
    for number in range(4):
        item = replace(post(f"b{number}", "wild bees"), id=900 + number)
        diary.items[item.uri], diary.vectors[item.id] = item, around(BEES, number)
        diary.reactions.append(Reaction(Kind.LIKE, NOW - timedelta(days=9 - number), item.uri))
    told = beliefs(diary.felt(Kind.LESS, RAIL, by="bob").taste(passed(RAIL, CHESS)))
    (topic,) = told.topics
    assert topic.words[:2] == ("bees", "wild") and topic.count == 4 and topic.share == 1 and 0 < topic.sure < 1
    assert topic.since == told.since == NOW - timedelta(days=9) and len(topic.examples) == 3
    assert {belief.value: belief.leaning > 0 for belief in told.authors} == {
        account("ann").uri: True,
        account("bob").uri: False,
    }
    assert (told.likes, told.dislikes) == (4, 1) and told.words[0].value in ("bees", "wild")


def test_a_word_leans_by_where_it_is_more_common_however_little_was_passed_over(diary: Diary) -> None:
    for number in range(9):
        text = "wild bees" if number < 3 else f"chess puzzles {number}"
        item = replace(post(f"b{number}", text), id=900 + number)
        diary.items[item.uri], diary.vectors[item.id] = item, around(BEES, number)
        diary.reactions.append(Reaction(Kind.LIKE, NOW, item.uri))
    taste = diary.taste()
    assert beliefs(taste).words == ()  # there is nothing that they could be more common than in
    told = {belief.value: belief.leaning for belief in beliefs(taste, [post("p", "chess football")]).words}
    assert told["bees"] > 0 and told["wild"] > 0 > told["chess"] and "football" not in told


def test_of_no_reactions_nothing_is_believed() -> None:
    assert beliefs(Taste()) == Beliefs()


def test_what_is_known_beside_the_words_counts_with_a_name(diary: Diary) -> None:
    linked = [
        Post(around(RAIL, n), f"text {n}", (("site", "bees.example" if n < 3 else "rail.example"),)) for n in range(40)
    ]
    known = [
        replace(e, item=replace(e.item, canonical=("https://bees.example/a",)))
        for e in examples(diary.likes(RAIL, 20).reactions, diary.items, diary.vectors, NOW)
    ]
    taste = fit(known, linked)
    same, other = taste.opinions([Post(RAIL, "text", (("site", site),)) for site in ("bees.example", "rail.example")])
    assert (
        same.likes > other.likes
        and dict(same.parts)["site", "bees.example"] > 0 > dict(other.parts)["site", "rail.example"]
    )


def test_many_posts_are_judged_as_each_alone(diary: Diary) -> None:
    taste = diary.likes(BEES).felt(Kind.LESS, CHESS).taste(passed(RAIL, CHESS))
    posts = [Post(vector) for vector in passed(BEES, RAIL, CHESS, each=2)]
    for one, many in zip([taste.opinions([p])[0] for p in posts], taste.opinions(posts), strict=True):
        assert one.likes == pytest.approx(many.likes) and (one.alike, one.feedback) == (many.alike, many.feedback)


def test_the_fewer_likes_the_less_sure(diary: Diary) -> None:
    assert Taste().opinions([Post(BEES)])[0].unsure > 0.5
