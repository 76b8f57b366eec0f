"""The simulated town: who is followed, what is posted when, and what the owner will star."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.trials.digest import peers, shared
from bot.trials.life import UNCOUNTED, Names
from bot.trials.measures import Row, Told, curve, mean_and_error, paired
from bot.trials.peers import Timeline, digest_s
from bot.trials.stars import Star, Stars, read
from bot.trials.town import BEGIN, WARM_UP, Town, build, owners
from config.errors import SourceError
from memory.records import Account, How, Share
from tests.bot.stargazers import PLAN, write
from tests.fakes import NOW, account, post

OWNER = "p00"


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> Stars:
    return read(write(tmp_path_factory.mktemp("stars")))


@pytest.fixture(scope="module")
def town(stars: Stars) -> Town:
    return build(stars, OWNER, PLAN)


def with_stars(folder: Path, **people: list[list[str]]) -> Path:
    (folder / "items.jsonl").write_text('{"id": "a", "text": "A"}\n{"id": "b", "text": "B"}\n', encoding="utf-8")
    (folder / "likes.json").write_text(json.dumps(people), encoding="utf-8")
    return folder


def test_a_star_without_a_date_is_older_than_the_persons_first_date(tmp_path: Path) -> None:
    found = read(with_stars(tmp_path, ann=[["b", ""], ["a", "2025-02-01"]], bob=[["a", ""]]))
    assert found.by == {"ann": [Star("2025-02-01", "ann", "b", False), Star("2025-02-01", "ann", "a")]}


def test_a_byte_order_mark_is_no_part_of_the_stars(tmp_path: Path) -> None:
    plain = read(with_stars(tmp_path, ann=[["a", "2025-02-01"]]))
    for file in tmp_path.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read(tmp_path) == plain


def test_a_folder_that_holds_no_stars_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot be read as likes .+ items\.jsonl, .+ likes\.json"):
        read(tmp_path)


def test_stars_of_what_has_no_words_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read(with_stars(tmp_path, ann=[["a", "2025-02-01"], ["z", "2025-02-02"]], bob=[["y", ""]]))
    assert found.missing == 2 and [star.item for star in found.by["ann"]] == ["a"]


@pytest.mark.parametrize("day", ["2025-2-1", "01.02.2025", "2025-02-30", "yesterday", "2025-02-01T10:00:00Z", 20250201])
def test_a_date_that_is_none_is_refused_with_its_line(tmp_path: Path, day: object) -> None:
    told = f'{{"ann": [["a", "2025-02-01"]],\n "bob": [["a", ""],\n  ["b",  {json.dumps(day)}]]}}'
    (with_stars(tmp_path) / "likes.json").write_text(told, encoding="utf-8")
    with pytest.raises(SourceError, match=r"likes\.json, line 3: the like of 'b' is dated .*; write dates as YYYY"):
        read(tmp_path)


def test_only_who_has_stars_and_days_enough_is_an_owner(stars: Stars) -> None:
    assert OWNER in owners(stars, PLAN)
    assert owners(stars, replace(PLAN, fewest_days=99)) == owners(stars, replace(PLAN, fewest_stars=99)) == []


def test_what_the_owner_will_star_can_be_found_before_it_is_starred(town: Town) -> None:
    late = [(at, met) for at, met in town.likes if at > BEGIN]
    assert late and all(met.at < at for at, met in late)
    played = [met for _, met in late if BEGIN < met.at <= town.hour(town.days - 1)]
    assert played and set(played) <= set(town.posts)


def test_all_posts_are_by_followees_and_within_the_days(town: Town) -> None:
    assert {item.author for item in town.posts} <= set(town.followees)
    assert all(BEGIN - timedelta(days=WARM_UP) <= item.at <= town.hour(town.days - 1) for item in town.posts)
    assert list(town.posts) == sorted(town.posts, key=lambda item: item.at)
    per_day = sum(item.at > BEGIN for item in town.posts) / town.days
    assert 0.9 * PLAN.per_day <= per_day < 1.5 * PLAN.per_day


def test_the_same_town_comes_of_the_same_stars(stars: Stars, town: Town) -> None:
    assert build(stars, OWNER, PLAN) == town


def test_whom_the_owner_follows_does_not_depend_on_what_is_starred_in_the_trial(stars: Stars, town: Town) -> None:
    dates = [star.date for star in stars.by[OWNER]]
    half = dates[len(dates) // 2]

    def otherwise(some: list[Star]) -> Iterator[Star]:
        for star in some:
            yield star if star.date <= half else replace(star, item="chess-00")

    changed = Stars(stars.texts, {person: list(otherwise(list(some))) for person, some in stars.by.items()})
    assert build(changed, OWNER, PLAN).followees == town.followees


def test_the_near_followees_have_more_in_common_with_the_owner(stars: Stars, town: Town) -> None:
    dates = [star.date for star in stars.by[OWNER]]
    early = {p: {s.item for s in some if s.date <= dates[len(dates) // 2]} for p, some in stars.by.items()}
    common = [len(early[OWNER] & early[person]) for person in town.followees]
    assert min(common[: PLAN.near]) >= max(common[PLAN.near :]) and max(common) > 0


def test_nothing_is_wanted_any_more_once_it_is_starred(town: Town) -> None:
    at, met = town.likes[-1]
    assert met.item in town.wanted(at - timedelta(seconds=1)) and met.item not in town.wanted(at)


def test_peers_fill_their_places_with_what_is_not_starred_yet(stars: Stars, town: Town) -> None:
    found = peers(town, stars.texts)
    assert set(found) == {"D", "A", "P", "S", "L"}
    for told in found.values():
        assert [len(day) for day in told.days] == [10] * town.days
    starred = {met for at, met in town.likes if at <= town.hour(0)}
    first = {(row.item, row.author) for told in found.values() for row in told.days[0]}
    assert first.isdisjoint((met.item, met.author) for met in starred)


def test_names_are_the_same_for_the_same_post(stars: Stars, town: Town) -> None:
    names, one = Names(town, stars.texts), town.posts[0]
    assert names.item(one) == names.item(one, UNCOUNTED)
    assert names.item(one).author == names.account(one.author).uri


def test_sill_counts_the_fewer_of_names_and_handles() -> None:
    def by(name: str, host: str) -> Account:
        return replace(account(name), handle=f"{name}@{host}", name="Twin" if host == "b.example" else name)

    people = {a.uri: a for a in (by("ann", "a"), by("bob", "a"), by("t1", "b.example"), by("t2", "b.example"))}
    twins = [post(n, by=n, canonical=("https://x.example/twins",)) for n in ("t1", "t2")]
    pair = [post(n, by=n, canonical=("https://x.example/pair",)) for n in ("ann", "bob")]
    items = [*twins, *pair]
    shares = [Share(item.author, item.uri, NOW, How.POSTED) for item in items]
    chosen = digest_s(Timeline(items, shares, people, NOW), 10, set())
    assert [item.canonical[0] for item in chosen] == ["https://x.example/pair", "https://x.example/twins"]


def test_what_is_told_again_counts_once_and_as_a_repeat() -> None:
    told = Told(2, frozenset({"a", "z"}))
    told.tell([Row("a", "ann", True), Row("b", "ann", False)])
    told.tell([Row("a", "bob", True)])
    assert told.hits() == [1, 0]
    assert told.figures() == {
        "precision@10": 0.25,
        "repeats": pytest.approx(1 / 3),
        "coverage of shared": 0.5,
        "distinct authors": pytest.approx(2 / 3),
    }


def test_differences_are_taken_owner_by_owner() -> None:
    assert mean_and_error([1.0, 3.0]) == (2.0, 1.0)
    found = paired({"a": 0.5, "b": 0.9}, {"b": 0.7, "a": 0.4})
    assert found["difference"] == pytest.approx(0.15) and found["error"] == pytest.approx(0.05)
    assert paired({"a": 1.0}, {"a": 0.0})["t"] == 0


def test_a_curve_goes_as_far_as_half_of_the_owners() -> None:
    assert curve([[1, 1, 1], [0, 1], [2]], 2) == [(0.5, pytest.approx(0.2886751)), (0.5, 0.0)]


def test_shared_is_what_two_followees_have_posted(town: Town) -> None:
    item = next(iter(shared(town)))
    assert len({one.author for one in town.posts if one.item == item}) > 1
