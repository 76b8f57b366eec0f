"""What holds of a taste whatever was done: laws over whole lives of reactions, words and all, in a real memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.ranking import Candidate, Circumstances, rank
from agents.taste import Opinion, post_of
from agents.taste.factors import FEEDBACK_POINTS, taste_points
from agents.taste.past import Past, gathered
from memory.keeping.choosing import choose
from memory.keeping.forgetting import forget_choice
from memory.records import How, Item, Kind, Reaction, Share, Story
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, account, post
from tests.laws import tried

Begin = Callable[[], Store]
Felt = tuple[Kind, int]

TOPICS = ("bees on the roof and honey", "a night train north", "the queen takes the rook", "soup for the whole week")
POSTS = 16
SLACK = 0.01  # points, of eight: all posts are the yardstick, and of sixteen each is a part of it
EMBEDDER = HashedWords()
LATER = NOW + 9 * HOUR
FELTS = st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, POSTS - 1)), max_size=12)
LIVED: list[Felt] = [(Kind.LIKE, number) for number in (0, 4, 8)]
"""So many likes of one topic that there is a taste all along."""


def written(number: int) -> Item:
    more = {
        "tags": (f"t{number % 3}",),
        "language": ("en", "de")[number % 2],
        "links": (f"https://s{number % 5}.example/",),
    }
    return post(f"{number}", f"{TOPICS[number % 4]} {number}", by=f"by{number % 6}", at=NOW - HOUR, **more)


ITEMS = [replace(written(number), id=number + 1) for number in range(POSTS)]
VECTORS = dict(zip(range(1, POSTS + 1), EMBEDDER.embed([item.searchable for item in ITEMS]), strict=True))
PROBES = [post_of(item, VECTORS[item.id], [account("bob").uri]) for item in ITEMS]


def reactions(felt: Sequence[Felt], event: str = "k") -> list[Reaction]:
    """Those of a later event come a minute after the others."""
    began = NOW + timedelta(minutes=event != "k")
    return [
        Reaction(kind, began + timedelta(seconds=place), ITEMS[number].uri, event=f"{event}{place}")
        for place, (kind, number) in enumerate(felt)
    ]


def lived(felt: Sequence[Felt], then: Sequence[Felt] = ()) -> Past:
    """A life in which all posts came, these reactions, and some more after them."""
    around = {item.uri: item.id for item in ITEMS}
    items = {item.uri: item for item in ITEMS}
    sharers = dict.fromkeys(items, (account("bob").uri,))
    return Past(LATER, reactions(felt) + reactions(then, "f"), items, around, VECTORS, items, sharers)


def remembered(store: Store, felt: Sequence[Felt], but: Collection[int] = ()) -> None:
    """The same life in a real memory, ``but`` for some posts that never came, and what was done with them."""
    came = {item.uri: item for number, item in enumerate(ITEMS) if number not in but}
    with store.begin() as memory:
        for item in came.values():
            memory.items.keep(item, NOW)
            memory.shares.add(Share(item.author, item.uri, NOW - HOUR))
            memory.shares.add(Share(account("bob").uri, item.uri, NOW - HOUR, How.BOOSTED))
        items = memory.items.all(came).values()
        memory.vectors.put(EMBEDDER.name, zip(items, EMBEDDER.embed([i.searchable for i in items]), strict=True))
        for reaction in reactions(felt):
            if reaction.item in came:
                memory.reactions.add(reaction)


def as_gathered(store: Store) -> Past:
    """What the taste is made of, read from a real memory."""
    with store.begin() as memory:
        return gathered(memory, LATER, account("me").uri, EMBEDDER.name)


def told(past: Past) -> tuple[object, ...]:
    """All that a taste says, but for the numbers that a memory gives to items."""
    taste = past.taste()
    examples = [(e.item.uri, e.kind, e.worth, e.since, e.sharers) for e in taste.examples]
    return examples, taste.opinions(PROBES), taste.authors, list(past.around), past.sharers, past.ignored


def points(said: Opinion) -> float:
    return taste_points(said.likes) + FEEDBACK_POINTS * said.feedback


@given(FELTS)
@tried(20)
def test_taste_computed_anew_is_the_taste_that_was_kept(felt: list[Felt]) -> None:
    kept, anew = lived(LIVED + felt).taste(), lived(LIVED + felt).taste()
    before = kept.opinions(PROBES)
    assert before == anew.opinions(PROBES) == kept.opinions(PROBES) and kept.authors == anew.authors


@given(FELTS, st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, POSTS - 1)), min_size=1, max_size=3))
@tried(20)
def test_forgetting_a_reaction_is_never_having_had_it(felt: list[Felt], forgotten: list[Felt]) -> None:
    never = lived(LIVED + felt).taste()
    without = lived(LIVED + felt, forgotten).taste(lambda reaction: reaction.event.startswith("f"))
    assert without.opinions(PROBES) == never.opinions(PROBES) and without.authors == never.authors


MORE_FELTS = st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, POSTS - 1)), min_size=1, max_size=3)


@given(FELTS, MORE_FELTS)
@tried(8)
def test_forgetting_a_time_in_a_memory_is_never_having_reacted_then(
    newcomer: Begin, felt: list[Felt], forgotten: list[Felt]
) -> None:
    never, once = newcomer(), newcomer()
    remembered(never, LIVED + felt)
    remembered(once, LIVED + felt)
    with once.begin() as memory:
        for reaction in reactions(forgotten, "f"):
            assert memory.reactions.add(reaction)
        minute = NOW + timedelta(minutes=1)
        forget_choice(memory, choose(memory, "", minute, minute + HOUR), LATER)
    assert told(as_gathered(once)) == told(as_gathered(never))


@given(FELTS, st.sets(st.integers(0, POSTS - 1), min_size=1, max_size=3))
@tried(8)
def test_forgetting_posts_in_a_memory_is_never_having_met_them(
    newcomer: Begin, felt: list[Felt], forgotten: set[int]
) -> None:
    never, once = newcomer(), newcomer()
    remembered(never, LIVED + felt, forgotten)
    remembered(once, LIVED + felt)
    with once.begin() as memory:
        for number in forgotten:
            forget_choice(memory, choose(memory, ITEMS[number].uri, None, None), LATER)
    assert told(as_gathered(once)) == told(as_gathered(never))


@given(FELTS, FELTS)
@tried(4)
def test_no_reaction_of_another_owner_has_any_effect(newcomer: Begin, mine: list[Felt], theirs: list[Felt]) -> None:
    store = newcomer()
    remembered(store, LIVED + mine)
    before = told(as_gathered(store))
    remembered(newcomer(), [*LIVED, *theirs])
    assert told(as_gathered(store)) == before


@given(FELTS, st.integers(0, POSTS - 1), st.sampled_from([Kind.MORE, Kind.LESS]))
@tried(40)
def test_more_of_something_never_lowers_it_and_less_never_raises_it(felt: list[Felt], number: int, kind: Kind) -> None:
    before, after = lived(LIVED + felt).taste(), lived(LIVED + felt, [(kind, number)]).taste()
    sign, author = (1 if kind is Kind.MORE else -1), ITEMS[number].author
    old, new = (points(one.opinions([PROBES[number]])[0]) for one in (before, after))
    assert sign * (new - old) >= -SLACK and sign * (after.author(author) - before.author(author)) >= -1e-3


@given(FELTS, st.lists(st.integers(0, POSTS - 1), unique=True))
@tried(15)
def test_ranking_by_a_taste_is_a_permutation(felt: list[Felt], chosen: list[int]) -> None:
    by = Circumstances(LATER, lived(LIVED + felt).taste(), {}, {}, {}, {}, frozenset())
    candidates = [_candidate(number) for number in chosen]
    ranked = rank(candidates, by)
    assert sorted(r.candidate.story.key for r in ranked) == sorted(c.story.key for c in candidates)


@given(FELTS)
@tried(20)
def test_every_opinion_is_within_its_bounds(felt: list[Felt]) -> None:
    for said in lived(felt).taste().opinions(PROBES):
        assert 0 < said.likes < 1 and 0 < said.chance < 1 and said.unsure >= 0 and -1 <= said.feedback <= 1


def _candidate(number: int) -> Candidate:
    lead = ITEMS[number]
    story = Story(lead.uri, lead.uri, (lead.uri,), (lead.author,))
    return Candidate(story, lead, VECTORS[lead.id], lead.text, {})
