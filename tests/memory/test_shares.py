"""Shares: who put which item before the owner. A boost is a share, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memory.records import How, Share
from memory.store import Store
from tests.fakes import HOUR, NOW, account, post, ref

ANN, BOB, CAT = (account(name).uri for name in ("ann", "bob", "cat"))


def boost(by: str, name: str = "a", hours: float = 0) -> Share:
    return Share(by, post(name).uri, NOW + timedelta(hours=hours), How.BOOSTED, ref(f"{name} by {by}"))


@pytest.fixture
def kept(store: Store) -> Store:
    with store.begin() as memory:
        for name in ("a", "b"):
            memory.items.keep(post(name), NOW)
            memory.shares.add(Share(ANN, post(name).uri, NOW))
    return store


def test_a_boost_is_a_share_not_a_new_item(kept: Store) -> None:
    with kept.begin() as memory:
        assert memory.shares.add(boost(BOB, hours=1))
        assert memory.items.count() == 2
        assert [(share.account, share.how) for share in memory.shares.of([post("a").uri])] == [
            (ANN, How.POSTED),
            (BOB, How.BOOSTED),
        ]


def test_the_same_share_twice_is_one(kept: Store) -> None:
    with kept.begin() as memory:
        assert memory.shares.add(boost(BOB))
        assert not memory.shares.add(boost(BOB, hours=5))
        assert len(memory.shares.of([post("a").uri])) == 2


def test_a_share_of_what_is_not_stored_is_dropped(kept: Store) -> None:
    with kept.begin() as memory:
        assert not memory.shares.add(boost(BOB, "nobody's"))


def test_a_boost_that_is_taken_back_is_gone_and_the_post_stays(kept: Store) -> None:
    with kept.begin() as memory:
        memory.shares.add(boost(BOB))
        memory.shares.add(boost(CAT))
        assert memory.shares.remove(boost(BOB).ref)
        assert not memory.shares.remove(boost(BOB).ref)
        assert [share.account for share in memory.shares.of([post("a").uri])] == [ANN, CAT]
        assert memory.items.count() == 2


def test_shares_without_a_ref_cannot_be_taken_back_all_at_once(kept: Store) -> None:
    with kept.begin() as memory:
        assert not memory.shares.remove("")
        assert len(memory.shares.of([post("a").uri, post("b").uri])) == 2


def test_who_boosts_again_after_taking_it_back_is_there_again(kept: Store) -> None:
    with kept.begin() as memory:
        memory.shares.add(boost(BOB))
        memory.shares.remove(boost(BOB).ref)
        assert memory.shares.add(boost(BOB, hours=2))


def test_the_window_is_open_at_its_beginning_and_closed_at_its_end(kept: Store) -> None:
    with kept.begin() as memory:
        for by, hours in ((BOB, 1), (CAT, 2)):
            memory.shares.add(boost(by, hours=hours))
        assert [share.account for share in memory.shares.between(NOW, NOW + 2 * HOUR)] == [BOB, CAT]
        assert [share.account for share in memory.shares.between(NOW + HOUR, NOW + 2 * HOUR)] == [CAT]


def test_of_what_was_shared_in_a_window_all_earlier_shares_are_told_and_no_later_ones(kept: Store) -> None:
    with kept.begin() as memory:
        for by, hours in ((BOB, 1), (CAT, 3), (ANN, 5)):
            memory.shares.add(boost(by, hours=hours))
        told = memory.shares.of_window(NOW + 2 * HOUR, NOW + 4 * HOUR)
        assert [share.account for share in told] == [ANN, BOB, CAT]
        assert memory.shares.of_window(NOW + 3 * HOUR, NOW + 4 * HOUR) == []


def test_what_was_shared_in_a_window_is_there_once_by_uri_and_without_ones_own(kept: Store) -> None:
    with kept.begin() as memory:
        for name, by in (("z", "cat"), ("y", "bob")):
            memory.items.keep(post(name, by=by), NOW)
            memory.shares.add(Share(ANN, post(name).uri, NOW + HOUR, How.BOOSTED))
        memory.shares.add(Share(BOB, post("z").uri, NOW + HOUR))
        found = memory.shares.items_between(NOW, NOW + HOUR, but_by=BOB)
        assert found == {post("z").uri: memory.items.all([post("z").uri])[post("z").uri].id}
        assert list(memory.shares.items_between(NOW, NOW + HOUR)) == [post("y").uri, post("z").uri]


def test_rates_are_counted_over_the_days_of_which_anything_is_known(kept: Store) -> None:
    with kept.begin() as memory:
        for n in range(6):
            memory.items.keep(post(f"x{n}", by="bob"), NOW)
            memory.shares.add(Share(BOB, post(f"x{n}").uri, NOW + n * 12 * HOUR))
        rates = memory.shares.daily_rates(NOW - 24 * HOUR, NOW + 72 * HOUR)
    assert rates == {ANN: pytest.approx(2 / 3), BOB: pytest.approx(2)}


def test_rates_of_a_first_hour_are_not_blown_up(kept: Store) -> None:
    with kept.begin() as memory:
        assert memory.shares.daily_rates(NOW - HOUR, NOW + HOUR) == {ANN: 2.0}
